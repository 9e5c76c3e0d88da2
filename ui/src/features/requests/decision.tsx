import { Button, Group, NumberInput, Text, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { Link } from 'react-router'
import { useI18n } from '../../app/context'
import { notify } from '../../parts/asyncstate'
import type { Faults } from '../../parts/faults'
import { FormFaults, useFaults } from '../../parts/formfaults'
import { ClientLink } from '../../parts/links'
import { policyApi } from '../policy/api'
import { UserSelect } from '../users/userselect'
import { type Request, requestsApi } from './api'
import { words } from './words'

/** Who asks for what, about which company, since when and why. */
export function Heading({ request }: { request: Request }) {
  const { t, time } = useI18n(words)
  return (
    <div>
      <div>
        {request.agent && <strong>{request.agent.name} </strong>}
        <span>{t(`requests.kind.${request.kind}`)}</span>:{' '}
        <strong>
          <ClientLink kind="company" id={request.company.id} name={request.company.name} />
        </strong>
      </div>
      {request.reason && (
        <Text component="blockquote" className="quote">
          {request.reason}
        </Text>
      )}
      <Text size="sm" className="quiet">
        {request.owner ? t('requests.owner', { name: request.owner.name }) : t('requests.no_owner')} ·{' '}
        <time dateTime={request.asked_at}>{time(request.asked_at)}</time>
        {request.call_id !== 0 && (
          <>
            {' '}
            · <Link to={`/calls/${request.call_id}`}>{t('requests.call')}</Link>
          </>
        )}
      </Text>
    </div>
  )
}

type Open = '' | 'hours' | 'refuse'

/** One ask with the head's choices: yes at once, yes for another time, no with a reason. */
export function Decision({ request }: { request: Request }) {
  const { t } = useI18n(words)
  const queries = useQueryClient()
  const [open, setOpen] = useState<Open>('')
  const { data: policy } = useQuery({ queryKey: ['policy'], queryFn: policyApi.active, staleTime: 60_000 })
  const decide = useMutation({
    mutationFn: (action: () => Promise<Request>) => action(),
    onSuccess: (done) => notify(`${request.company.name}: ${t(`requests.state.${done.state}`)}`),
    onSettled: () => queries.invalidateQueries({ queryKey: ['requests'] }),
  })
  const faults = useFaults(decide.error)
  const run = (action: () => Promise<Request>) => decide.mutate(action)
  const toggle = (next: Open) => setOpen(open === next ? '' : next)
  return (
    <div className="panel request">
      <Heading request={request} />
      <FormFaults of={faults} />
      {request.kind === 'permit' ? (
        <Group gap="xs">
          <Button loading={decide.isPending} onClick={() => run(() => requestsApi.grant(request.id, {}))}>
            {policy ? t('requests.allow', { hours: policy.enforcement.permit_hours }) : t('requests.allow.usual')}
          </Button>
          <Button variant="default" aria-expanded={open === 'hours'} onClick={() => toggle('hours')}>
            {t('requests.allow.longer')}
          </Button>
          <Button variant="default" aria-expanded={open === 'refuse'} onClick={() => toggle('refuse')}>
            {t('requests.refuse')}
          </Button>
        </Group>
      ) : (
        <NewOwner request={request} run={run} faults={faults} toggle={toggle} open={open} />
      )}
      {open === 'hours' && <Hours request={request} run={run} faults={faults} />}
      {open === 'refuse' && <Refusal request={request} run={run} faults={faults} />}
    </div>
  )
}

interface Deciding {
  request: Request
  run: (action: () => Promise<Request>) => void
  faults: Faults
}

function Hours({ request, run, faults }: Deciding) {
  const { t } = useI18n(words)
  const [hours, setHours] = useState<number | string>(24)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    run(() => requestsApi.grant(request.id, { hours: Number(hours) }))
  }
  return (
    <form onSubmit={submit}>
      <div className="ask flush">
        <NumberInput
          label={t('requests.hours')}
          value={hours}
          error={faults.at('hours')}
          min={1}
          max={168}
          w={150}
          data-autofocus
          autoFocus
          onChange={setHours}
        />
        <Button type="submit" variant="default">
          {t('requests.allow', { hours: String(hours) })}
        </Button>
      </div>
    </form>
  )
}

function Refusal({ request, run, faults }: Deciding) {
  const { t } = useI18n(words)
  const [reason, setReason] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    run(() => requestsApi.refuse(request.id, reason.trim()))
  }
  return (
    <form onSubmit={submit}>
      <div className="ask flush">
        <TextInput
          className="wide"
          label={t('requests.refuse.reason')}
          required
          autoFocus
          maxLength={500}
          value={reason}
          error={faults.at('reason', 'answer')}
          onChange={(e) => setReason(e.currentTarget.value)}
        />
        <Button type="submit" color="red.9">
          {t('requests.refuse.do')}
        </Button>
      </div>
    </form>
  )
}

/** A company that needs an owner gets one, or the ask is put away. */
function NewOwner({ request, run, faults, toggle, open }: Deciding & { toggle: (next: Open) => void; open: Open }) {
  const { t } = useI18n(words)
  const [owner, setOwner] = useState(request.kind === 'assign' ? (request.agent?.id ?? 0) : 0)
  return (
    <div className="ask flush">
      <UserSelect
        label={t('requests.assign')}
        nobody={t('requests.assign.choose')}
        value={owner}
        error={faults.at('owner_id')}
        onChange={setOwner}
      />
      <Button disabled={!owner} onClick={() => run(() => requestsApi.grant(request.id, { owner_id: owner }))}>
        {t('requests.assign.do')}
      </Button>
      {request.kind === 'owner_left' ? (
        <Button variant="default" onClick={() => run(() => requestsApi.close(request.id, ''))}>
          {t('requests.done')}
        </Button>
      ) : (
        <Button variant="default" aria-expanded={open === 'refuse'} onClick={() => toggle('refuse')}>
          {t('requests.refuse')}
        </Button>
      )}
    </div>
  )
}
