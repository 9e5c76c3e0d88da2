import { Button, Group, NativeSelect, Text, TextInput, Title } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useI18n } from '../../app/context'
import { FormFaults, useFaults } from '../../parts/formfaults'
import { Rows } from '../../parts/pages'
import { UserSelect } from '../users/userselect'
import { type Import, type ImportFormat, type ImportSettings, importsApi, kinds, type RowKind } from './api'
import { words } from './words'

interface Props {
  one: Import
  format: ImportFormat
  settings: ImportSettings
}

/** What the file holds: its kind, the meaning of its columns, and who its owners are. */
export function Settings({ one, format, settings }: Props) {
  const { t } = useI18n(words)
  const queries = useQueryClient()
  const [draft, setDraft] = useState<ImportSettings>({ ...settings, kind: settings.kind ?? one.kind })
  const save = useMutation({
    mutationFn: (next: ImportSettings) => importsApi.change(one.id, next),
    onSuccess: (now) => queries.setQueryData(['import', one.id], now),
  })
  const faults = useFaults(save.error)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate(draft)
  }
  /** Another kind gives the columns other meanings: the old ones may not exist there. */
  const setKind = (kind: RowKind) => {
    const next = { ...draft, kind, columns: {} }
    setDraft(next)
    save.mutate(next)
  }
  return (
    <form onSubmit={submit} className="panel">
      <FormFaults of={faults} />
      <Title order={2} mb="xs">
        {t('imports.step.columns')}
      </Title>
      <Text className="quiet" mb="sm">
        {t('imports.read', { format: format.format, charset: format.charset || '—', rows: format.rows })}
      </Text>
      <div className="ask">
        <NativeSelect
          label={t('imports.kind')}
          value={draft.kind}
          error={faults.at('kind')}
          onChange={(e) => setKind(e.currentTarget.value as RowKind)}
          data={kinds.map((kind) => ({ value: kind, label: t(`imports.kind.${kind}`) }))}
        />
        <TextInput
          label={t('imports.charset')}
          placeholder={t('imports.charset.guess', { charset: format.charset || '—' })}
          value={draft.charset}
          error={faults.at('charset')}
          onChange={(e) => setDraft({ ...draft, charset: e.currentTarget.value.trim() })}
        />
      </div>
      <Columns format={format} draft={draft} setDraft={setDraft} />
      <Owners format={format} draft={draft} setDraft={setDraft} />
      <Group mt="md">
        <Button type="submit" variant="default" loading={save.isPending}>
          {t('imports.save')}
        </Button>
      </Group>
    </form>
  )
}

interface PartProps {
  format: ImportFormat
  draft: ImportSettings
  setDraft: (draft: ImportSettings) => void
}

function Columns({ format, draft, setDraft }: PartProps) {
  const { t, named } = useI18n(words)
  const fields = [...new Set(format.fields)]
  return (
    <Rows
      rows={format.columns}
      keyOf={(row) => row.column}
      label={t('imports.step.columns')}
      columns={[
        { head: t('imports.column'), cell: (row) => <strong>{row.column}</strong> },
        {
          head: t('imports.meaning'),
          cell: (row) => (
            <NativeSelect
              aria-label={t('imports.meaning.of', { column: row.column })}
              value={draft.columns[row.column] ?? (row.field || '-')}
              onChange={(e) =>
                setDraft({ ...draft, columns: { ...draft.columns, [row.column]: e.currentTarget.value } })
              }
              data={[
                { value: '-', label: t('imports.ignored') },
                ...fields.map((field) => ({ value: field, label: named('imports.field', field.replace('.', '_')) })),
              ]}
            />
          ),
        },
        { head: t('imports.samples'), cell: (row) => row.samples.join(' · '), minor: true },
      ]}
    />
  )
}

function Owners({ format, draft, setDraft }: PartProps) {
  const { t } = useI18n(words)
  const names = [...new Set([...format.owners.map(({ name }) => name), ...Object.keys(draft.owners)])]
  const rows = (name: string) => format.owners.find((one) => one.name === name)?.rows ?? 0
  if (names.length === 0) return null
  return (
    <>
      <Title order={2} mt="lg" mb="xs">
        {t('imports.step.owners')}
      </Title>
      <Text className="quiet" mb="sm">
        {t('imports.owners.lead')}
      </Text>
      <div className="ask">
        {names.map((name) => (
          <div key={name}>
            <UserSelect
              label={t('imports.owner.of', { name })}
              nobody={t('imports.owner.open')}
              value={draft.owners[name] ?? 0}
              onChange={(id) => {
                const { [name]: _, ...others } = draft.owners
                setDraft({ ...draft, owners: id ? { ...others, [name]: id } : others })
              }}
            />
            {rows(name) > 0 && (
              <Text size="sm" className="quiet">
                {t('imports.owners.rows', { rows: rows(name) })}
              </Text>
            )}
          </div>
        ))}
      </div>
    </>
  )
}
