import { Alert, Button, Group, Stack, Text, TextInput, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useRef, useState } from 'react'
import { has, useI18n, useMe } from '../../app/context'
import { AsyncState, notify } from '../../parts/asyncstate'
import type { Faults } from '../../parts/faults'
import { FormFaults, useFaults } from '../../parts/formfaults'
import { useUsers } from '../users/userselect'
import { type Policy as PolicyRecord, type PolicyVersion, policyApi } from './api'
import { Colors } from './colors'
import { differences, fieldName } from './draft'
import { Rehearsal } from './dryrun'
import { Order } from './order'
import { Settings } from './settings'
import { Versions } from './versions'
import { words } from './words'

/** The knobs of the rules: looked at by heads, tried on past calls, made active by administrators. */
export function PolicyPage() {
  const { t } = useI18n(words)
  const active = useQuery({ queryKey: ['policy'], queryFn: policyApi.active })
  return (
    <div className="page">
      <Title order={1}>{t('policy.title')}</Title>
      <Text className="quiet" mb="md">
        {t('policy.lead')}
      </Text>
      <AsyncState answer={active}>{(policy) => <Desk key={policy.version} active={policy} />}</AsyncState>
    </div>
  )
}

function Desk({ active }: { active: PolicyRecord }) {
  const i18n = useI18n(words)
  const { t } = i18n
  const me = useMe()
  const [draft, setDraft] = useState(active)
  const [refused, setRefused] = useState<unknown>(null)
  const faults = useFaults(refused)
  const top = useRef<HTMLDivElement>(null)
  const changed = differences(active, draft)
  const put = (change: Partial<PolicyRecord>) => setDraft((old) => ({ ...old, ...change }))
  const take = (policy: PolicyRecord) => {
    setDraft({ ...policy, version: active.version })
    notify(t('policy.version.taken', { version: policy.version }))
    top.current?.scrollIntoView({ block: 'start' })
  }
  const parts = { draft, put, faults }
  return (
    <div ref={top}>
      <FormFaults of={faults} />
      <Since version={active.version} />
      {!has(me, 'admin') && (
        <Alert variant="outline" color="gray" mb="md">
          <Text>{t('policy.reader')}</Text>
        </Alert>
      )}
      <Order {...parts} />
      <Colors {...parts} />
      <Settings {...parts} />
      <section className="panel">
        <Title order={2} size="h4" mb="xs">
          {t('policy.try')}
        </Title>
        <Stack gap="sm">
          <Text>
            {changed.length === 0
              ? t('policy.unchanged')
              : t('policy.changed', { fields: changed.map((field) => fieldName(field, i18n)).join(', ') })}
          </Text>
          <Rehearsal trial={{ policy: draft }} disabled={changed.length === 0} faults={faults} onRefused={setRefused} />
          {has(me, 'admin') && (
            <Activate draft={draft} disabled={changed.length === 0} faults={faults} onRefused={setRefused} />
          )}
          {changed.length > 0 && (
            <Group>
              <Button variant="default" onClick={() => setDraft(active)}>
                {t('policy.reset')}
              </Button>
            </Group>
          )}
        </Stack>
      </section>
      <Versions take={take} />
    </div>
  )
}

/** Since when the active version counts, and whose it is. */
function Since({ version }: { version: number }) {
  const { t, time } = useI18n(words)
  const people = useUsers()
  const { data } = useQuery({ queryKey: ['policy', 'versions'], queryFn: () => policyApi.versions({ limit: 200 }) })
  const found: PolicyVersion | undefined = data?.items.find((one) => one.version === version)
  if (!found) return null
  const { created_at, created_by } = found
  const text = created_at
    ? t('policy.active', { version, time: time(created_at), name: people.get(created_by)?.name ?? `#${created_by}` })
    : t('policy.active.shipped', { version })
  return (
    <Text mb="md" fw={600}>
      {text}
    </Text>
  )
}

interface ActivateProps {
  draft: PolicyRecord
  disabled: boolean
  faults: Faults
  onRefused: (error: unknown) => void
}

/** Makes the draft the active version, with a reason; a refused one changes nothing and is marked. */
function Activate({ draft, disabled, faults, onRefused }: ActivateProps) {
  const i18n = useI18n(words)
  const { t } = i18n
  const queries = useQueryClient()
  const [reason, setReason] = useState('')
  const activate = useMutation({
    mutationFn: () => policyApi.activate(draft, reason.trim()),
    onMutate: () => onRefused(null),
    onError: onRefused,
    onSuccess: async ({ policy: { version }, warnings }) => {
      const fields = warnings.map(({ field, code }) => `${fieldName(field, i18n)}: ${i18n.fault(code)}`).join(', ')
      notify(fields ? t('policy.activated.warnings', { version, fields }) : t('policy.activated', { version }))
      await queries.invalidateQueries()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    activate.mutate()
  }
  return (
    <form onSubmit={submit}>
      <div className="ask flush">
        <TextInput
          className="wide"
          label={t('policy.reason')}
          required
          value={reason}
          maxLength={500}
          error={faults.at('reason')}
          onChange={(e) => setReason(e.currentTarget.value)}
        />
        <Button type="submit" disabled={disabled} loading={activate.isPending}>
          {t('policy.activate')}
        </Button>
      </div>
    </form>
  )
}
