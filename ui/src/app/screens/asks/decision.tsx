import { Button, Group, NumberInput, Text, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { Link } from 'react-router'
import { type Ask, asksApi } from '../../../api/asks'
import { policyApi } from '../../../api/policy'
import { useTongue } from '../../house'
import { ClientLink } from '../../parts/marks'
import { PersonSelect } from '../../parts/people'
import { faultOf, Refused, say } from '../../parts/states'

/** Who asks for what, about which company, since when and why. */
export function Heading({ ask }: { ask: Ask }) {
  const { t, time } = useTongue()
  return (
    <div>
      <div>
        {ask.agent && <strong>{ask.agent.name} </strong>}
        <span>{t(`asks.kind.${ask.kind}`)}</span>:{' '}
        <strong>
          <ClientLink kind="company" id={ask.company.id} name={ask.company.name} />
        </strong>
      </div>
      {ask.reason && (
        <Text component="blockquote" className="quote">
          {ask.reason}
        </Text>
      )}
      <Text size="sm" className="quiet">
        {ask.owner ? t('asks.owner', { name: ask.owner.name }) : t('asks.no_owner')} ·{' '}
        <time dateTime={ask.asked_at}>{time(ask.asked_at)}</time>
        {ask.call_id !== 0 && (
          <>
            {' '}
            · <Link to={`/calls/${ask.call_id}`}>{t('asks.call')}</Link>
          </>
        )}
      </Text>
    </div>
  )
}

type Open = '' | 'hours' | 'refuse'

/** One ask with the head's choices: yes at once, yes for another time, no with a reason. */
export function Decision({ ask }: { ask: Ask }) {
  const { t } = useTongue()
  const queries = useQueryClient()
  const [open, setOpen] = useState<Open>('')
  const { data: policy } = useQuery({ queryKey: ['policy'], queryFn: policyApi.active, staleTime: 60_000 })
  const decide = useMutation({
    mutationFn: (deed: () => Promise<Ask>) => deed(),
    onSuccess: (done) => say(`${ask.company.name}: ${t(`asks.state.${done.state}`)}`),
    onSettled: () => queries.invalidateQueries({ queryKey: ['asks'] }),
  })
  const run = (deed: () => Promise<Ask>) => decide.mutate(deed)
  const toggle = (next: Open) => setOpen(open === next ? '' : next)
  return (
    <div className="panel asking">
      <Heading ask={ask} />
      {ask.kind === 'permit' ? (
        <Group gap="xs">
          <Button loading={decide.isPending} onClick={() => run(() => asksApi.grant(ask.id, {}))}>
            {policy ? t('asks.allow', { hours: policy.enforcement.permit_hours }) : t('asks.allow.usual')}
          </Button>
          <Button variant="default" aria-expanded={open === 'hours'} onClick={() => toggle('hours')}>
            {t('asks.allow.longer')}
          </Button>
          <Button variant="default" aria-expanded={open === 'refuse'} onClick={() => toggle('refuse')}>
            {t('asks.refuse')}
          </Button>
        </Group>
      ) : (
        <NewOwner ask={ask} run={run} toggle={toggle} open={open} />
      )}
      {open === 'hours' && <Hours ask={ask} run={run} />}
      {open === 'refuse' && <Refusal ask={ask} run={run} error={decide.error} />}
      {decide.error ? <Refused error={decide.error} marked={/^reason$/} /> : null}
    </div>
  )
}

interface Deciding {
  ask: Ask
  run: (deed: () => Promise<Ask>) => void
}

function Hours({ ask, run }: Deciding) {
  const { t } = useTongue()
  const [hours, setHours] = useState<number | string>(24)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    run(() => asksApi.grant(ask.id, { hours: Number(hours) }))
  }
  return (
    <form onSubmit={submit}>
      <div className="ask flush">
        <NumberInput
          label={t('asks.hours')}
          value={hours}
          min={1}
          max={168}
          w={150}
          data-autofocus
          autoFocus
          onChange={setHours}
        />
        <Button type="submit" variant="default">
          {t('asks.allow', { hours: String(hours) })}
        </Button>
      </div>
    </form>
  )
}

function Refusal({ ask, run, error }: Deciding & { error: unknown }) {
  const tongue = useTongue()
  const { t } = tongue
  const [reason, setReason] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    run(() => asksApi.refuse(ask.id, reason.trim()))
  }
  return (
    <form onSubmit={submit}>
      <div className="ask flush">
        <TextInput
          className="wide"
          label={t('asks.refuse.reason')}
          required
          autoFocus
          maxLength={500}
          value={reason}
          error={faultOf(error, 'reason', tongue)}
          onChange={(e) => setReason(e.currentTarget.value)}
        />
        <Button type="submit" color="red">
          {t('asks.refuse.do')}
        </Button>
      </div>
    </form>
  )
}

/** A company that needs an owner gets one, or the ask is put away. */
function NewOwner({ ask, run, toggle, open }: Deciding & { toggle: (next: Open) => void; open: Open }) {
  const { t } = useTongue()
  const [owner, setOwner] = useState(ask.kind === 'assign' ? (ask.agent?.id ?? 0) : 0)
  return (
    <div className="ask flush">
      <PersonSelect label={t('asks.assign')} nobody={t('asks.assign.choose')} value={owner} onChange={setOwner} />
      <Button disabled={!owner} onClick={() => run(() => asksApi.grant(ask.id, { owner_id: owner }))}>
        {t('asks.assign.do')}
      </Button>
      {ask.kind === 'owner_left' ? (
        <Button variant="default" onClick={() => run(() => asksApi.done(ask.id, ''))}>
          {t('asks.done')}
        </Button>
      ) : (
        <Button variant="default" aria-expanded={open === 'refuse'} onClick={() => toggle('refuse')}>
          {t('asks.refuse')}
        </Button>
      )}
    </div>
  )
}
