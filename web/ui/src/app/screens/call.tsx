import { Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from 'react-router'
import type { Card } from '../../api/contract'
import type { CallRow } from '../../api/records'
import { api } from '../../api/routes'
import { pretty } from '../../card/number'
import { useTongue } from '../house'
import { useLocalActions } from '../parts/actions'
import { ColorMark, ShownCard } from '../parts/marks'
import { Answered } from '../parts/states'

/** One call: the verdict of each agent as it was, and beside it the card as it would be today. */
export function Call() {
  const { t } = useTongue()
  const id = Number(useParams().id)
  const answer = useQuery({ queryKey: ['call', id], queryFn: () => api.call(id) })
  return (
    <div className="page">
      <Link to="/calls">{t('call.back')}</Link>
      <Title order={1} mb="sm">{t('call.title', { id })}</Title>
      <Answered answer={answer}>{(call) => <Story call={call} />}</Answered>
    </div>
  )
}

function Story({ call }: { call: CallRow }) {
  const { t, named, exact, duration } = useTongue()
  const facts: Array<[string, string]> = [
    [t('calls.number'), pretty(call.number)],
    [t('check.direction'), named('direction', call.direction)],
    [t('calls.result'), call.state === 'ended' ? named('result', call.result || 'unknown') : named('state', call.state)],
    [t('call.started'), exact(call.started_at)],
    [t('call.answered'), exact(call.answered_at)],
    [t('call.ended'), exact(call.ended_at)],
    [t('calls.duration'), duration(call.duration)],
    [t('call.line'), pretty(call.line)],
    [t('calls.source'), `${call.source} · ${call.call_id}`],
  ]
  return (
    <Stack gap="xl">
      <dl className="factlist">
        {facts.filter(([, value]) => value).map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
        {/^https?:\/\//.test(call.recording_url) && <div><dt>{t('calls.recording')}</dt><dd><audio controls preload="none" src={call.recording_url} /></dd></div>}
      </dl>
      {call.agents.map((part, i) => <Part key={part.agent?.id ?? -i} call={call} part={part} />)}
    </Stack>
  )
}

function Part({ call, part }: { call: CallRow; part: CallRow['agents'][number] }) {
  const { t, why, named, exact } = useTongue()
  const actions = useLocalActions()
  const { verdict, agent } = part
  const now = useQuery({ queryKey: ['callcard', call.id, agent?.id], queryFn: () => api.callCard(call.id, agent?.id), enabled: Boolean(agent) })
  return (
    <section>
      <Title order={2} size="h3" mb="xs">{agent?.name ?? '—'}</Title>
      <div className="twin">
        <div className={`verdictbox ${verdict.color}`}>
          <Text fw={700}>{t('call.then')}</Text>
          <ColorMark color={verdict.color} />
          <Text fw={700} size="lg">{verdict.title || why(verdict.why)}</Text>
          <Text>{verdict.text}</Text>
          <Text>{t('check.why')}: {why(verdict.why)}</Text>
          <Text>{named('relation', verdict.relation)} · {verdict.why}</Text>
          <Text size="sm">{t('call.then.text', { time: exact(verdict.decided_at), policy: verdict.policy })}</Text>
        </div>
        {agent && (
          <div ref={actions}>
            <Text fw={700} mb="xs">{t('call.now')}</Text>
            <Answered answer={now}>{(card) => <ShownCard card={withoutCall(card)} />}</Answered>
          </div>
        )}
      </div>
    </section>
  )
}

/** Today's answer is shown in full, not folded because its call is over. */
function withoutCall(card: Card): Card {
  return { ...card, call: null }
}
