// The three things that a list can be before it is a list: on its way, refused, empty.

import { Alert, Button, Group, Loader, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import type { ReactNode } from 'react'
import { useRouteError } from 'react-router'
import { useI18n } from '../app/context'
import type { I18n } from '../i18n/i18n'
import { Faults } from './faults'

export function Loading() {
  const { t } = useI18n()
  return (
    <Group p="md" role="status" gap="sm">
      <Loader size="sm" color="gray" aria-hidden />
      <Text>{t('app.loading')}</Text>
    </Group>
  )
}

/** What went wrong, in words, with the fields that it names. */
export const wordsOf = (error: unknown, i18n: I18n): string => new Faults(error, i18n).rest

interface Refusal {
  error: unknown
  /** Offers to repeat what failed. */
  again?: () => void
}

/** A refusal in words. */
export function Refused({ error, again }: Refusal) {
  const i18n = useI18n()
  return (
    <Alert color="red" variant="outline" className="refused" role="alert">
      <Group justify="space-between" gap="sm">
        <Text>{wordsOf(error, i18n)}</Text>
        {again && (
          <Button variant="default" size="xs" onClick={again}>
            {i18n.t('app.again')}
          </Button>
        )}
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
export function AsyncState<T>({ answer, children }: { answer: Answer<T>; children: (data: T) => ReactNode }) {
  return (
    <>
      {answer.error ? <Refused error={answer.error} again={() => void answer.refetch()} /> : null}
      {answer.data !== undefined ? children(answer.data) : answer.error ? null : <Loading />}
    </>
  )
}

/** Shows a short message about what was done. */
export function notify(message: string): void {
  notifications.show({ message, color: 'dark', autoClose: 6000 })
}
