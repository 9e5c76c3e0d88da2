import { Button, Checkbox, Group, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { type Deed, type Difference, type Settled, syncApi } from '../../../api/sync'
import { useTongue } from '../../house'
import { Refused, say } from '../../parts/states'

interface Props {
  source: number
  /** All that are shown. */
  items: Difference[]
  chosen: ReadonlySet<number>
  choose: (ids: ReadonlySet<number>) => void
  done: (results: Settled[]) => void
}

/** Decides many differences at once: the chosen ones, or all that are shown. It is asked about once more. */
export function Many({ source, items, chosen, choose, done }: Props) {
  const { t } = useTongue()
  const queries = useQueryClient()
  const [sure, setSure] = useState<Deed | null>(null)
  const there = items.filter(({ id }) => chosen.has(id))
  const meant = there.length > 0 ? there : items
  const of = (deed: Deed) => meant.filter(({ what }) => deed === 'dismiss' || what !== 'invalid').map(({ id }) => id)
  const settle = useMutation({
    mutationFn: (deed: Deed) => syncApi.settleAll(source, deed, of(deed)),
    onSuccess: (results, deed) => {
      const [all, kept] = [results.length, results.filter((one) => !one.done).length]
      setSure(null)
      done(results)
      say(
        t(
          kept
            ? 'differences.many.partly'
            : deed === 'accept'
              ? 'differences.many.accepted'
              : 'differences.many.dismissed',
          { count: all - kept, kept },
        ),
      )
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['sync', source] }),
  })
  const words = (deed: Deed) =>
    t(`differences.many.${deed}_${there.length > 0 ? 'chosen' : 'all'}`, { count: of(deed).length })
  const button = (deed: Deed) =>
    of(deed).length > 0 && (
      <Button
        size="xs"
        variant={deed === 'accept' ? 'filled' : 'default'}
        disabled={settle.isPending}
        onClick={() => setSure(deed)}
      >
        {words(deed)}
      </Button>
    )
  return (
    <div className="panel many">
      <Group justify="space-between" gap="sm">
        <Checkbox
          label={t('differences.choose_all', { count: items.length })}
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
        <div className="inset" role="group" aria-label={words(sure)}>
          <Text mb="xs">{t(`differences.many.${sure}_sure`, { count: of(sure).length })}</Text>
          <Group gap="xs">
            <Button size="xs" autoFocus loading={settle.isPending} onClick={() => settle.mutate(sure)}>
              {t('differences.many.yes')}
            </Button>
            <Button size="xs" variant="default" onClick={() => setSure(null)}>
              {t('app.cancel')}
            </Button>
          </Group>
        </div>
      )}
      {settle.error ? <Refused error={settle.error} /> : null}
    </div>
  )
}
