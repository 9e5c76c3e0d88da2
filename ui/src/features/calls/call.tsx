import { Button, Stack, Text, Title } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link, useParams } from 'react-router'
import type { Card } from '../../api/types'
import { useLocalActions } from '../../app/cardactions'
import { useI18n } from '../../app/context'
import { pretty } from '../../card/number'
import { AsyncState, Refused } from '../../parts/asyncstate'
import { ShownCard } from '../../parts/links'
import { checkApi } from '../check/api'
import { Why } from '../check/verdictfacts'
import { words as checkWords } from '../check/words'
import { dialable } from '../dial/dialable'
import { DialButton } from '../dial/dialbutton'
import { type Call, type CallAgent, callsApi } from './api'
import { outcome } from './calltable'
import { words } from './words'

const texts = words.with(checkWords)

/** One call: the verdict of each agent as it was, and beside it the card as it would be today. */
export function CallPage() {
  const { t } = useI18n(texts)
  const id = Number(useParams().id)
  const answer = useQuery({ queryKey: ['call', id], queryFn: () => callsApi.call(id) })
  return (
    <div className="page">
      <Link to="/calls">{t('call.back')}</Link>
      <Title order={1} mb="sm">
        {t('call.title', { id })}
      </Title>
      <AsyncState answer={answer}>{(call) => <Story call={call} />}</AsyncState>
    </div>
  )
}

function Story({ call }: { call: Call }) {
  const { t, named, exact, duration } = useI18n(texts)
  const facts: Array<[string, ReactNode]> = [
    [
      t('calls.number'),
      <>
        {pretty(call.number.e164) || call.number.raw} <DialButton number={dialable(call.number)} />
      </>,
    ],
    [t('check.direction'), named('direction', call.direction)],
    [t('calls.result'), outcome(call, named)],
    [t('call.started'), exact(call.started_at)],
    [t('call.answered'), exact(call.answered_at)],
    [t('call.ended'), exact(call.ended_at)],
    [t('calls.duration'), duration(call.duration)],
    [t('call.line'), pretty(call.line)],
    [t('calls.source'), [`${call.source} · ${call.call_id}`, ...(call.also ?? [])].join(', ')],
  ]
  return (
    <Stack gap="xl">
      <dl className="factlist">
        {facts
          .filter(([, value]) => value)
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        {call.note && (
          <div>
            <dt>{t('call.note')}</dt>
            <dd>{call.note}</dd>
          </div>
        )}
        {/^https?:\/\//.test(call.recording_url) && (
          <div>
            <dt>{t('calls.recording')}</dt>
            <dd>
              <audio controls preload="none" src={call.recording_url} />
            </dd>
          </div>
        )}
      </dl>
      {call.agents.map((part, i) => (
        <Part key={part.agent?.id ?? -i} call={call} part={part} />
      ))}
    </Stack>
  )
}

function Part({ call, part }: { call: Call; part: CallAgent }) {
  const { t, exact, named } = useI18n(texts)
  const actions = useLocalActions()
  const { verdict, agent } = part
  const today = useMutation({ mutationFn: (login: string) => checkApi.check(call.number.raw, call.direction, login) })
  const login = agent?.login
  return (
    <section ref={actions}>
      <Title order={2} size="h3" mb="xs">
        {agent?.name ?? part.name}
        {part.unanswered ? (
          <Text span size="sm" className="quiet">
            {` · ${named('unanswered', part.unanswered)}`}
          </Text>
        ) : null}
      </Title>
      <div className="twin">
        <Stack gap="xs">
          <Text fw={700}>{t('call.then')}</Text>
          <ShownCard card={asItWas(call, part)} />
          <Text size="sm" className="quiet">
            {t('call.then.text', { time: exact(verdict.decided_at), policy: verdict.policy })}
          </Text>
          <Why card={asItWas(call, part)} />
        </Stack>
        {login && (
          <Stack gap="xs" align="stretch">
            <Text fw={700}>{t('call.now')}</Text>
            {today.data ? (
              <ShownCard card={today.data} />
            ) : (
              <Button variant="default" loading={today.isPending} onClick={() => today.mutate(login)}>
                {t('call.compare')}
              </Button>
            )}
            {today.error ? <Refused error={today.error} /> : null}
          </Stack>
        )}
      </div>
    </section>
  )
}

/** The card as the journal keeps it: in full, not folded because its call is over, and without buttons for a call that is gone. */
function asItWas(call: Call, { agent, verdict, subject }: CallAgent): Card {
  return { call: null, number: call.number, agent, verdict, subject, matches: [], actions: subject ? ['open'] : [] }
}
