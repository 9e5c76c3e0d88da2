import { Button, Group, Text, TextInput, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { Kind } from '../../api/types'
import { useI18n } from '../../app/context'
import { notify } from '../../parts/asyncstate'
import { FormFaults, useFaults } from '../../parts/formfaults'
import { clientsApi, type MergeInfo } from './api'
import { words } from './words'

/** What was merged into a client in the last 30 days, with the way to undo it; nothing where there is none. */
export function Merges({ kind, id }: { kind: Kind; id: number }) {
  const { t } = useI18n(words)
  const merges = useQuery({ queryKey: ['merges', kind, id], queryFn: () => clientsApi.merges(kind, id) })
  const items = merges.data?.items ?? []
  if (items.length === 0) return null
  return (
    <section>
      <Title order={2} size="h3" mb="xs">
        {t('merges.title')}
      </Title>
      <ul className="bare lines panel">
        {items.map((merge) => (
          <li key={merge.id}>
            <Line merge={merge} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function Line({ merge }: { merge: MergeInfo }) {
  const { t, date, time } = useI18n(words)
  const queries = useQueryClient()
  const [asking, setAsking] = useState(false)
  const [reason, setReason] = useState('')
  const undo = useMutation({
    mutationFn: () => clientsApi.undoMerge(merge.id, reason.trim()),
    onSuccess: async () => {
      notify(t('merges.done'))
      await queries.invalidateQueries()
    },
  })
  const faults = useFaults(undo.error)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    undo.mutate()
  }
  const names = merge.from.map(({ id, name }) => `${name} (#${id})`).join(', ')
  return (
    <>
      <div>
        {names}
        <Text size="sm" className="quiet">
          {[time(merge.at), merge.by?.name].filter(Boolean).join(', ')}
          {'. '}
          {merge.undone_at
            ? t('merges.undone', { time: time(merge.undone_at), name: merge.undone_by?.name ?? '' })
            : t('merges.until', { date: date(merge.undo_until) })}
        </Text>
        {asking && !merge.undone_at && (
          <form onSubmit={submit}>
            <Text size="sm" mt="xs">
              {t('merges.what')}
            </Text>
            <FormFaults of={faults} />
            <Group align="flex-end" mt="xs">
              <TextInput
                label={t('merges.reason')}
                maxLength={500}
                value={reason}
                error={faults.at('reason')}
                onChange={(e) => setReason(e.currentTarget.value)}
              />
              <Button type="submit" loading={undo.isPending}>
                {t('merges.confirm')}
              </Button>
              <Button variant="default" onClick={() => setAsking(false)}>
                {t('app.cancel')}
              </Button>
            </Group>
          </form>
        )}
      </div>
      {!merge.undone_at && !asking && (
        <Button
          size="xs"
          variant="default"
          aria-label={`${t('merges.undo')}: ${names}`}
          onClick={() => setAsking(true)}
        >
          {t('merges.undo')}
        </Button>
      )}
    </>
  )
}
