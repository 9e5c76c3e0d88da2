import { Button, Checkbox, Group, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useI18n } from '../../app/context'
import { notify, Refused } from '../../parts/asyncstate'
import { type Conflict, type Resolution, type Resolved, syncApi } from './api'
import { words } from './words'

interface Props {
  source: number
  /** All that are shown. */
  items: Conflict[]
  chosen: ReadonlySet<number>
  choose: (ids: ReadonlySet<number>) => void
  done: (results: Resolved[]) => void
}

/** Resolves many conflicts at once, after a question: the chosen ones, or all that are shown. */
export function Many({ source, items, chosen, choose, done }: Props) {
  const { t } = useI18n(words)
  const queries = useQueryClient()
  const [sure, setSure] = useState<Resolution | null>(null)
  const there = items.filter(({ id }) => chosen.has(id))
  const meant = there.length > 0 ? there : items
  const of = (resolution: Resolution) =>
    meant.filter(({ what }) => resolution === 'dismiss' || what !== 'invalid').map(({ id }) => id)
  const resolve = useMutation({
    mutationFn: (resolution: Resolution) => syncApi.resolveAll(source, resolution, of(resolution)),
    onSuccess: (results, resolution) => {
      const [all, kept] = [results.length, results.filter((one) => !one.done).length]
      setSure(null)
      done(results)
      notify(
        t(
          kept
            ? 'conflicts.many.partly'
            : resolution === 'accept'
              ? 'conflicts.many.accepted'
              : 'conflicts.many.dismissed',
          { count: all - kept, kept },
        ),
      )
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['sync', source] }),
  })
  const label = (resolution: Resolution) =>
    t(`conflicts.many.${resolution}_${there.length > 0 ? 'chosen' : 'all'}`, { count: of(resolution).length })
  const button = (resolution: Resolution) =>
    of(resolution).length > 0 && (
      <Button
        size="xs"
        variant={resolution === 'accept' ? 'filled' : 'default'}
        disabled={resolve.isPending}
        onClick={() => setSure(resolution)}
      >
        {label(resolution)}
      </Button>
    )
  return (
    <div className="panel many">
      <Group justify="space-between" gap="sm">
        <Checkbox
          label={t('conflicts.choose_all', { count: items.length })}
          checked={there.length === items.length}
          indeterminate={there.length > 0 && there.length < items.length}
          onChange={(e) => choose(new Set(e.currentTarget.checked ? items.map(({ id }) => id) : []))}
        />
        <Group gap="xs">
          {button('accept')}
          {button('dismiss')}
        </Group>
      </Group>
      {sure && (
        <div className="inset" role="group" aria-label={label(sure)}>
          <Text mb="xs">{t(`conflicts.many.${sure}_sure`, { count: of(sure).length })}</Text>
          <Group gap="xs">
            <Button size="xs" autoFocus loading={resolve.isPending} onClick={() => resolve.mutate(sure)}>
              {t('conflicts.many.yes')}
            </Button>
            <Button size="xs" variant="default" onClick={() => setSure(null)}>
              {t('app.cancel')}
            </Button>
          </Group>
        </div>
      )}
      {resolve.error ? <Refused error={resolve.error} /> : null}
    </div>
  )
}
