import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { Link } from 'react-router'
import { useI18n } from '../../app/context'
import { pretty } from '../../card/number'
import { notify } from '../../parts/asyncstate'
import { FormFaults, useFaults } from '../../parts/formfaults'
import { ClientLink } from '../../parts/links'
import { words as callsWords } from '../calls/words'
import { words as requestsWords } from '../requests/words'
import { type Incident, incidentsApi } from './api'
import { words } from './words'

const texts = words.with(callsWords).with(requestsWords)

/** Who called whose client, by which number, and what he said about it. */
export function Story({
  incident: { agent, owner, company, number, direction, call_id, reason, recording_url, why },
}: {
  incident: Incident
}) {
  const { t, why: say } = useI18n(texts)
  return (
    <div>
      <div>
        <strong>{agent.name}</strong> <span aria-hidden="true">{direction === 'in' ? '←' : '→'}</span>
        <span className="unseen">{t(`direction.${direction}`)}</span>{' '}
        <ClientLink kind="company" id={company.id} name={company.name} />{' '}
        <span className="quiet">({t('requests.owner', { name: owner.name })})</span>
      </div>
      <Text size="sm" className="quiet">
        {pretty(number)} · <Link to={`/calls/${call_id}`}>{t('incidents.call', { id: call_id })}</Link> · {say(why)}
      </Text>
      <Text size="sm">
        {reason ? t('incidents.reason', { reason }) : <span className="quiet">{t('incidents.no_reason')}</span>}
      </Text>
      {/^https?:\/\//.test(recording_url) && (
        <audio controls preload="none" src={recording_url} aria-label={t('calls.recording')} />
      )}
    </div>
  )
}

/** Whether somebody has looked at it, and the way to do so. The server decides who may. */
export function Seen({ incident }: { incident: Incident }) {
  const { t, time } = useI18n(texts)
  const [open, setOpen] = useState(false)
  const { acknowledged, agent } = incident
  if (acknowledged) {
    return (
      <div>
        <strong>{t('incidents.state.acknowledged')}</strong>
        <Text size="sm" className="quiet">
          {acknowledged.by.name}, {time(acknowledged.at)}
        </Text>
        <Text size="sm">{acknowledged.reason}</Text>
      </div>
    )
  }
  if (open) return <Acknowledge incident={incident} close={() => setOpen(false)} />
  return (
    <Stack gap={4} align="flex-start">
      <span className="openmark">{t('incidents.state.open')}</span>
      <Button
        size="xs"
        variant="default"
        aria-label={t('incidents.acknowledge.of', { name: agent.name })}
        onClick={() => setOpen(true)}
      >
        {t('incidents.acknowledge')}
      </Button>
    </Stack>
  )
}

function Acknowledge({ incident, close }: { incident: Incident; close: () => void }) {
  const { t } = useI18n(texts)
  const queries = useQueryClient()
  const [reason, setReason] = useState('')
  const acknowledge = useMutation({
    mutationFn: () => incidentsApi.acknowledge(incident.id, reason.trim(), incident.version),
    onSuccess: async () => {
      notify(t('app.saved'))
      close()
      await queries.invalidateQueries({ queryKey: ['incidents'] })
    },
  })
  const faults = useFaults(acknowledge.error)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    acknowledge.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="xs">
        <FormFaults of={faults} />
        <TextInput
          label={t('incidents.acknowledge.reason')}
          required
          autoFocus
          maxLength={500}
          value={reason}
          error={faults.at('reason')}
          onChange={(e) => setReason(e.currentTarget.value)}
        />
        <Group gap="xs">
          <Button size="xs" type="submit" loading={acknowledge.isPending}>
            {t('incidents.acknowledge')}
          </Button>
          <Button size="xs" variant="default" onClick={close}>
            {t('app.cancel')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
