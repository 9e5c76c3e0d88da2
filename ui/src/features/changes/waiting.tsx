import { Button, Group, PasswordInput, Text, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useI18n } from '../../app/context'
import { notify } from '../../parts/asyncstate'
import { FormFaults, useFaults } from '../../parts/formfaults'
import { type Change, changesApi } from './api'
import { words } from './words'

/** One change that waits: what it would do, who proposed it, and what the reader may do with it. */
export function Waiting({ change }: { change: Change }) {
  const { t } = useI18n(words)
  const queries = useQueryClient()
  const [password, setPassword] = useState('')
  const [reason, setReason] = useState('')
  const act = useMutation({
    mutationFn: (send: () => Promise<Change>) => send(),
    onSuccess: (done) => notify(`${done.name}: ${t(`changes.state.${done.state}`)}`),
    onSettled: () => queries.invalidateQueries(),
  })
  const faults = useFaults(act.error)
  const may = (what: string) => change.may.includes(what)
  const withPassword = may('confirm_with_password')
  return (
    <div className="panel request">
      <About change={change} />
      <FormFaults of={faults} />
      {withPassword && (
        <PasswordInput
          label={t('changes.password')}
          value={password}
          autoComplete="current-password"
          onChange={(e) => setPassword(e.currentTarget.value)}
        />
      )}
      {may('refuse') && (
        <TextInput
          label={t('changes.why')}
          value={reason}
          maxLength={500}
          error={faults.at('reason')}
          onChange={(e) => setReason(e.currentTarget.value)}
        />
      )}
      <Group gap="xs" mt="xs">
        {(may('confirm') || withPassword) && (
          <Button
            loading={act.isPending}
            disabled={withPassword && password === ''}
            onClick={() => act.mutate(() => changesApi.confirm(change.id, password))}
          >
            {t('changes.confirm')}
          </Button>
        )}
        {may('refuse') && (
          <Button variant="default" onClick={() => act.mutate(() => changesApi.refuse(change.id, reason))}>
            {t('changes.refuse')}
          </Button>
        )}
        {may('withdraw') && (
          <Button variant="default" onClick={() => act.mutate(() => changesApi.withdraw(change.id))}>
            {t('changes.withdraw')}
          </Button>
        )}
      </Group>
    </div>
  )
}

function About({ change }: { change: Change }) {
  const { t, named, time } = useI18n(words)
  const { effect } = change
  const cards = Object.entries(effect?.calls ?? {}).map(([colors, count]) => {
    const [from = '', to = ''] = colors.split('->')
    return `${named('changes.color', from)} → ${named('changes.color', to)}: ${count}`
  })
  return (
    <div>
      <strong>
        {named('changes.kind', change.kind)}: {change.name}
      </strong>
      <Text>{differences(change.changed).join('; ')}</Text>
      {effect && (
        <Text>
          {t('changes.effect', { companies: effect.companies, looked: effect.looked })}{' '}
          {cards.length > 0 ? cards.join('; ') : t('changes.effect.none')}
        </Text>
      )}
      <Text size="sm" className="quiet">
        {t('changes.proposed', {
          name: change.proposed_by.name,
          at: time(change.proposed_at),
          until: time(change.expires_at),
        })}
      </Text>
    </div>
  )
}

/** What would change, field by field, in the words of the API. */
function differences(changed: unknown): string[] {
  const plain = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
  return Object.entries((changed ?? {}) as Record<string, unknown>)
    .filter(([field]) => field !== 'version')
    .map(([field, value]) =>
      typeof value === 'object' && value !== null && 'to' in value && 'from' in value
        ? `${field}: ${plain(value.from)} → ${plain(value.to)}`
        : `${field}: ${plain(value)}`,
    )
}
