import { Button, Checkbox, Group, NativeSelect, Radio, Stack, Text, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useI18n } from '../../app/context'
import { AsyncState, notify } from '../../parts/asyncstate'
import { FormFaults, useFaults } from '../../parts/formfaults'
import { type Mapping, type OwnersMode, syncApi } from './api'
import type { MappingProps } from './draft'
import { draftOf } from './draft'
import { MappedUsers } from './mappedusers'
import { StatusRows } from './statusrows'
import { words } from './words'

const kinds = ['company', 'contact', 'lead'] as const
const modes: OwnersMode[] = ['guarded', 'crm']
const stages = ['new', 'in_process', 'failed', 'converted'] as const

/** How the words of the CRM are understood here. */
export function MappingPanel({ id }: { id: number }) {
  const mapping = useQuery({
    queryKey: ['sync', id, 'mapping'],
    queryFn: () => syncApi.mapping(id),
    staleTime: 0,
    refetchOnWindowFocus: false,
  })
  // What is typed stays until it is saved, whatever else is read again.
  return <AsyncState answer={mapping}>{(data) => <Desk key={data.version} id={id} mapping={data} />}</AsyncState>
}

function Desk({ id, mapping }: { id: number; mapping: Mapping }) {
  const { t } = useI18n(words)
  const queries = useQueryClient()
  const [draft, setDraft] = useState(() => draftOf(mapping))
  const save = useMutation({
    mutationFn: () => syncApi.changeMapping(id, draft, mapping.version),
    onSuccess: async (next) => {
      queries.setQueryData(['sync', id, 'mapping'], next)
      notify(t('app.saved'))
      await queries.invalidateQueries({ queryKey: ['sync', id] })
    },
  })
  const faults = useFaults(save.error)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  const parts: MappingProps = {
    mapping,
    draft,
    put: (change) => setDraft((old) => ({ ...old, ...change })),
    faults,
  }
  return (
    <form onSubmit={submit}>
      <FormFaults of={faults} />
      <Text className="quiet" mb="md">
        {t('mapping.lead')}
      </Text>
      <div className="twin">
        <Owners {...parts} />
        <Kinds {...parts} />
      </div>
      <Statuses {...parts} />
      <MappedUsers {...parts} />
      {mapping.stages.length > 0 && <Stages {...parts} />}
      <div className="savebar">
        <Group gap="sm">
          <Button type="submit" loading={save.isPending}>
            {t('app.save')}
          </Button>
          <Text size="sm" className="quiet">
            {t('mapping.save')}
          </Text>
        </Group>
      </div>
    </form>
  )
}

function Owners({ draft, put, faults }: MappingProps) {
  const { t } = useI18n(words)
  return (
    <section className="panel">
      <Radio.Group
        label={t('mapping.owners')}
        value={draft.owners}
        error={faults.at('owners')}
        onChange={(owners) => put({ owners: owners as OwnersMode })}
      >
        <Stack gap="sm" mt="xs">
          {modes.map((mode) => (
            <Radio
              key={mode}
              value={mode}
              label={t(`mapping.owners.${mode}`)}
              description={t(`mapping.owners_text.${mode}`)}
            />
          ))}
        </Stack>
      </Radio.Group>
    </section>
  )
}

function Kinds({ draft, put, faults }: MappingProps) {
  const { t } = useI18n(words)
  return (
    <section className="panel">
      <Checkbox.Group
        label={t('mapping.kinds')}
        value={draft.kinds}
        error={faults.at('kinds')}
        onChange={(chosen) => put({ kinds: chosen })}
      >
        <Group mt="xs">
          {kinds.map((kind) => (
            <Checkbox key={kind} value={kind} label={t(`sync.kind.${kind}`)} />
          ))}
        </Group>
      </Checkbox.Group>
      <Checkbox
        mt="lg"
        label={t('mapping.make_users')}
        description={t('mapping.make_users.text')}
        checked={draft.make_users}
        onChange={(e) => put({ make_users: e.currentTarget.checked })}
      />
    </section>
  )
}

function Statuses(props: MappingProps) {
  const { t } = useI18n(words)
  const {
    mapping: { status_fields: fields },
    draft,
    put,
    faults,
  } = props
  const none = { value: '', label: t('mapping.status_field.none') }
  return (
    <section className="panel">
      <Title order={2} size="h4">
        {t('mapping.statuses')}
      </Title>
      <Text className="quiet" size="sm" mb="sm">
        {t(fields.length > 0 ? 'mapping.statuses.lead' : 'mapping.statuses.later')}
      </Text>
      {fields.length > 0 && (
        <div className="ask">
          <NativeSelect
            className="wide"
            label={t('mapping.status_field')}
            value={draft.status_field}
            error={faults.at('status_field')}
            onChange={(e) => put({ status_field: e.currentTarget.value, statuses: {} })}
            data={[none, ...fields.map(({ code, name }) => ({ value: code, label: name || code }))]}
          />
        </div>
      )}
      {draft.status_field && <StatusRows {...props} />}
    </section>
  )
}

function Stages({ mapping, draft, put, faults }: MappingProps) {
  const { t } = useI18n(words)
  return (
    <section className="panel">
      <Title order={2} size="h4" mb="sm">
        {t('mapping.stages')}
      </Title>
      <ul className="bare pairs">
        {mapping.stages.map(({ value, name, stage }) => (
          <li key={value}>
            <span>{name || value}</span>
            <NativeSelect
              aria-label={t('mapping.stage.of', { name: name || value })}
              value={draft.stages[value] ?? stage}
              error={faults.at(`stages.${value}`)}
              onChange={(e) => put({ stages: { ...draft.stages, [value]: e.currentTarget.value } })}
              data={stages.map((one) => ({ value: one, label: t(`stage.${one}`) }))}
            />
          </li>
        ))}
      </ul>
    </section>
  )
}
