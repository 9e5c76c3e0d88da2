import { Button, Checkbox, Group, Modal, Radio, Stack, Table, Text, TextInput } from '@mantine/core'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useI18n } from '../../app/context'
import { AsyncState, notify } from '../../parts/asyncstate'
import { FormFaults, useFaults } from '../../parts/formfaults'
import { Owner, StatusLabel } from '../../parts/links'
import { type Found, type MergeChoices, type MergeField, type MergePreview, qualityApi } from './api'
import { words } from './words'

interface Props {
  kind: 'company' | 'contact'
  records: Found[]
  close: () => void
}

/** At most so many records are merged at once. */
const most = 20

/** Chooses which record stays and which go into it, and shows side by side what will win; some of it can be chosen. */
export function Merge({ kind, records, close }: Props) {
  const { t } = useI18n(words)
  const queries = useQueryClient()
  const [keep, setKeep] = useState(records[0]?.id ?? 0)
  const [taken, setTaken] = useState<number[]>(records.slice(1, most).map(({ id }) => id))
  const [fields, setFields] = useState<MergeChoices>({})
  const [reason, setReason] = useState('')
  const from = taken.filter((id) => id !== keep)
  const preview = useQuery({
    queryKey: ['merge', kind, keep, from, fields],
    queryFn: () => qualityApi.preview(kind, keep, from, fields),
    enabled: from.length > 0,
    placeholderData: keepPreviousData,
  })
  const merge = useMutation({
    // The version is that of the preview: the merge is of the record as its reader sees it.
    mutationFn: () =>
      qualityApi.merge(kind, keep, {
        from_ids: from,
        fields,
        reason: reason.trim(),
        version: preview.data?.version ?? 0,
      }),
    onSuccess: async (merged) => {
      notify(t('merge.done', { name: merged.name }))
      close()
      // Not the preview: its records are gone.
      await queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'merge' })
    },
  })
  const faults = useFaults(merge.error)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    merge.mutate()
  }
  const chosen = records.filter(({ id }) => id === keep || from.includes(id))
  const toggle = (id: number, on: boolean) => {
    setTaken(on ? [...taken, id] : taken.filter((one) => one !== id))
    setFields({})
  }
  const refused = preview.data?.refused
  return (
    <Modal
      opened
      onClose={close}
      title={t('merge.title')}
      size="xl"
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
            onChange={(id) => {
              setKeep(Number(id))
              setFields({})
            }}
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
          {from.length > 0 && (
            <AsyncState answer={preview}>
              {(given) => (
                <Comparison preview={given} chosen={fields} choose={(more) => setFields({ ...fields, ...more })} />
              )}
            </AsyncState>
          )}
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
            <Button
              type="submit"
              disabled={from.length === 0 || !!refused || preview.isFetching}
              loading={merge.isPending}
            >
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

const choosable = ['name', 'owner', 'post'] as const

/** What was chosen by hand, at once; the preview follows. */
type Choosing = { chosen: MergeChoices; choose: (more: MergeChoices) => void }

/** The records side by side, field by field: what wins, why, and what can be chosen instead. */
function Comparison({ preview, chosen, choose }: Choosing & { preview: MergePreview }) {
  const { t, fault } = useI18n(words)
  return (
    <div>
      {preview.refused && (
        <Text role="alert" c="red" mb="xs">
          {fault(preview.refused)}
        </Text>
      )}
      {preview.faults.map(({ field, code }) => (
        <Text key={field} role="alert" c="red" mb="xs">
          {field}: {fault(code)}
        </Text>
      ))}
      <Table.ScrollContainer minWidth={120 + 150 * preview.records.length}>
        <Table verticalSpacing={6} aria-label={t('merge.wins')}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('merge.field')}</Table.Th>
              {preview.records.map(({ id }, i) => (
                <Table.Th key={id}>
                  #{id} {i === 0 && <span className="quiet">{t('merge.stays')}</span>}
                </Table.Th>
              ))}
              <Table.Th>{t('merge.wins')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {preview.fields
              .filter(({ choices }) => choices.some(({ value }) => value.length > 0))
              .map((field) => (
                <FieldRow key={field.field} field={field} chosen={chosen} choose={choose} />
              ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Text size="sm" className="quiet">
        {t('merge.links')} {t('merge.gone')}
      </Text>
    </div>
  )
}

function FieldRow({ field, chosen, choose }: Choosing & { field: MergeField }) {
  const { t, named, date } = useI18n(words)
  const name = named('merge.field', field.field)
  const key = choosable.find((one) => one === field.field)
  return (
    <Table.Tr>
      <Table.Th scope="row">{name}</Table.Th>
      {field.choices.map(({ id, value, since, allowed }) => {
        const text = value.join(', ') || '—'
        const label = since ? `${text}, ${t('merge.since', { date: date(since) })}` : text
        return (
          <Table.Td key={id}>
            {key && field.open ? (
              <Radio
                size="sm"
                name={`merge ${key}`}
                label={label}
                aria-label={`${name}: ${text} (#${id})`}
                checked={(chosen[key] ?? field.from) === id}
                disabled={!allowed}
                onChange={() => choose({ [key]: id })}
              />
            ) : (
              label
            )}
          </Table.Td>
        )
      })}
      <Table.Td>
        <strong>{field.value.join(', ') || '—'}</strong>
        <Text size="xs" className="quiet">
          {t(`merge.rule.${field.rule}`)}
        </Text>
      </Table.Td>
    </Table.Tr>
  )
}
