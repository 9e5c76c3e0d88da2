// The three things that a list can be before it is a list: on its way, refused, empty.

import { Alert, Button, Group, Loader, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import type { ReactNode } from 'react'
import { useRouteError } from 'react-router'
import { Problem } from '../../api/client'
import { useTongue } from '../house'
import type { Tongue } from '../words/words'

export function Waiting() {
  const { t } = useTongue()
  return (
    <Group p="md" role="status" gap="sm">
      <Loader size="sm" color="gray" aria-hidden />
      <Text>{t('app.loading')}</Text>
    </Group>
  )
}

/** The words of whatever went wrong, with the fields it names. */
export function wordsOf(error: unknown, { fault }: Tongue): string {
  if (!(error instanceof Problem)) return fault('internal')
  const fields = error.errors.map(({ field, code }) => `${field}: ${fault(code)}`)
  return [fault(error.code), ...fields].join(' ')
}

/** A refusal in words; `again` offers to repeat what failed. */
export function Refused({ error, again }: { error: unknown; again?: () => void }) {
  const tongue = useTongue()
  return (
    <Alert color="red" variant="outline" className="refused" role="alert">
      <Group justify="space-between" gap="sm">
        <Text>{wordsOf(error, tongue)}</Text>
        {again && <Button variant="default" size="xs" onClick={again}>{tongue.t('app.again')}</Button>}
      </Group>
    </Alert>
  )
}

/** A page that could not be drawn. */
export function Broken() {
  const error = useRouteError()
  return <Refused error={error} again={() => location.reload()} />
}

interface Answer<T> {
  data: T | undefined
  error: unknown
  refetch: () => unknown
}

/** Draws an answer when it is there. Old data stays on the screen while an error is shown above it. */
export function Answered<T>({ answer, children }: { answer: Answer<T>; children: (data: T) => ReactNode }) {
  return (
    <>
      {answer.error ? <Refused error={answer.error} again={() => void answer.refetch()} /> : null}
      {answer.data !== undefined ? children(answer.data) : answer.error ? null : <Waiting />}
    </>
  )
}

/** Says shortly that something was done. */
export function say(message: string): void {
  notifications.show({ message, color: 'dark', autoClose: 6000 })
}
