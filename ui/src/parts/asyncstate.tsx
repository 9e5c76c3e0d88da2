// The three things that a list can be before it is a list: on its way, refused, empty.

import { Alert, Button, Group, Loader, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import type { ReactNode } from 'react'
import { useRouteError } from 'react-router'
import { Problem } from '../api/client'
import { useI18n } from '../app/context'
import type { I18n } from '../i18n/i18n'

export function Loading() {
  const { t } = useI18n()
  return (
    <Group p="md" role="status" gap="sm">
      <Loader size="sm" color="gray" aria-hidden />
      <Text>{t('app.loading')}</Text>
    </Group>
  )
}

/** The words of whatever went wrong, with the fields it names but for those that are marked themselves. */
export function wordsOf(error: unknown, { fault }: I18n, marked?: RegExp): string {
  if (!(error instanceof Problem)) return fault('internal')
  const fields = error.errors
    .filter(({ field }) => !marked?.test(field))
    .map(({ field, code }) => `${field}: ${fault(code)}`)
  return [fault(error.code, error.args), ...fields].join(' ')
}

/** What is wrong with one field of a form, in words; undefined when nothing is. */
export function fieldFault(error: unknown, field: string, { fault }: I18n): string | undefined {
  const found = error instanceof Problem ? error.errors.find((e) => e.field === field) : undefined
  return found && fault(found.code)
}

interface Refusal {
  error: unknown
  /** Offers to repeat what failed. */
  again?: () => void
  /** The fields that show what is wrong with them at their own place. */
  marked?: RegExp
}

/** A refusal in words. */
export function Refused({ error, again, marked }: Refusal) {
  const i18n = useI18n()
  return (
    <Alert color="red" variant="outline" className="refused" role="alert">
      <Group justify="space-between" gap="sm">
        <Text>{wordsOf(error, i18n, marked)}</Text>
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

/** Says shortly that something was done. */
export function say(message: string): void {
  notifications.show({ message, color: 'dark', autoClose: 6000 })
}
