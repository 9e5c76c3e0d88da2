import { Button, Checkbox, Group, Modal, Radio, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useI18n } from '../../app/context'
import { notify } from '../../parts/asyncstate'
import { FormFaults, useFaults } from '../../parts/formfaults'
import { Owner, StatusLabel } from '../../parts/links'
import { clientsApi } from '../clients/api'
import { type Effect, type Status, statusesApi } from '../statuses/api'
import { type Found, qualityApi } from './api'
import { words } from './words'

interface Props {
  kind: 'company' | 'contact'
  records: Found[]
  close: () => void
}

/** At most so many records are merged at once. */
const most = 20

/** Chooses which record stays and which go into it, and says beforehand what will win. */
export function Merge({ kind, records, close }: Props) {
  const { t } = useI18n(words)
  const queries = useQueryClient()
  const [keep, setKeep] = useState(records[0]?.id ?? 0)
  const [taken, setTaken] = useState<number[]>(records.slice(1, most).map(({ id }) => id))
  const [reason, setReason] = useState('')
  const from = taken.filter((id) => id !== keep)
  const merge = useMutation({
    // The version is read now: the merge is of the record as its reader sees it.
    mutationFn: async () =>
      qualityApi.merge(kind, keep, from, reason.trim(), (await clientsApi.client(kind, keep)).version),
    onSuccess: async (merged) => {
      notify(t('merge.done', { name: merged.name }))
      close()
      await queries.invalidateQueries()
    },
  })
  const faults = useFaults(merge.error)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    merge.mutate()
  }
  const chosen = records.filter(({ id }) => id === keep || from.includes(id))
  const toggle = (id: number, on: boolean) => setTaken(on ? [...taken, id] : taken.filter((one) => one !== id))
  return (
    <Modal
      opened
      onClose={close}
      title={t('merge.title')}
      size="lg"
      centered
      closeButtonProps={{ 'aria-label': t('app.cancel') }}
      transitionProps={{ duration: 0 }}
      lockScroll={false}
    >
      <form onSubmit={submit}>
        <Stack gap="md">
          <FormFaults of={faults} />
          <Radio.Group
            label={t('merge.keep')}
            value={String(keep)}
            error={faults.at('from_ids')}
            onChange={(id) => setKeep(Number(id))}
          >
            <Stack gap={6} mt={4}>
              {records.map((record) => (
                <Radio key={record.id} value={String(record.id)} label={<Line record={record} />} />
              ))}
            </Stack>
          </Radio.Group>
          <fieldset className="bareset">
            <Text component="legend" fw={600} size="sm" mb={4}>
              {t('merge.take')}
            </Text>
            <Stack gap={6}>
              {records
                .filter(({ id }) => id !== keep)
                .map((record) => (
                  <Checkbox
                    key={record.id}
                    checked={taken.includes(record.id)}
                    onChange={(e) => toggle(record.id, e.currentTarget.checked)}
                    label={<Line record={record} />}
                  />
                ))}
            </Stack>
          </fieldset>
          <Wins kind={kind} records={chosen} />
          <TextInput
            label={t('merge.reason')}
            required
            data-autofocus
            maxLength={500}
            value={reason}
            error={faults.at('reason')}
            onChange={(e) => setReason(e.currentTarget.value)}
          />
          <Group>
            <Button type="submit" disabled={from.length === 0} loading={merge.isPending}>
              {t('merge.do', { count: chosen.length })}
            </Button>
            <Button variant="default" onClick={close}>
              {t('app.cancel')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function Line({ record }: { record: Found }) {
  return (
    <span>
      {record.name}{' '}
      <span className="quiet">
        #{record.id} · <Owner owner={record.owner} />
      </span>{' '}
      {record.status && <StatusLabel status={record.status} />}
    </span>
  )
}

/** What the merge will make of status, owner and links. */
function Wins({ kind, records }: { kind: 'company' | 'contact'; records: Found[] }) {
  const { t } = useI18n(words)
  const statuses = useQuery({ queryKey: ['statuses'], queryFn: statusesApi.list, staleTime: 60_000 })
  const owners = [...new Set(records.flatMap(({ owner }) => (owner?.id ? [owner.name] : [])))]
  const status = kind === 'company' ? strictest(records, statuses.data?.items ?? []) : undefined
  const lines = [
    status && t('merge.status', { status }),
    owners.length > 1
      ? t('merge.owner.oldest', { owners: owners.join(', ') })
      : t('merge.owner', { owner: owners[0] ?? t('owner.none') }),
    t('merge.links'),
    t('merge.gone'),
  ]
  return (
    <div className="inset" role="status">
      <Text fw={700}>{t('merge.wins')}</Text>
      <ul>
        {lines.filter(Boolean).map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </div>
  )
}

const effects: Effect[] = ['none', 'banner', 'yellow', 'red']

/** The status that guards most: protected before free, then by what it does to a card. */
function strictest(records: Found[], directory: Status[]): string | undefined {
  const rank = ({ card_effect, is_protected }: Status) =>
    effects.indexOf(card_effect) + (is_protected ? effects.length : 0)
  const held = records.flatMap((record) => directory.find(({ code }) => code === record.status?.code) ?? [])
  return held.sort((a, b) => rank(b) - rank(a))[0]?.name
}
