import { Button, Text, TextInput, Title } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useParams } from 'react-router'
import { useI18n, useMe } from '../../app/context'
import { AsyncState, notify } from '../../parts/asyncstate'
import { FormFaults, useFaults } from '../../parts/formfaults'
import { words as callsWords } from '../calls/words'
import { Consent } from '../sync/consent'
import { SyncedSource } from '../sync/page'
import { Reach } from '../sync/reach'
import { type Source, type SourceRequest, sourcesApi, type Understanding } from './api'
import { SourceChange } from './change'
import { Counts } from './counts'
import { useDialects } from './dialects'
import { refusalOf, Understood } from './log'
import { LookupState, LookupTry } from './lookup'
import { Mapping } from './mapping'
import { LinkState, Problems } from './problems'
import { NumberRules } from './rules'
import { Steps } from './steps'
import { words } from './words'

const texts = words.with(callsWords)

/** One source: how it stands, what to enter on the other side, what was understood of its last requests and why others were refused. */
export function SourcePage() {
  const { t } = useI18n(texts)
  const id = Number(useParams().id)
  const titleOf = useDialects()
  const sources = useQuery({ queryKey: ['sources'], queryFn: sourcesApi.list, refetchInterval: 5000 })
  const source = sources.data?.items.find((s) => s.id === id)
  return (
    <div className="page">
      <Title order={1} mb={source ? 0 : 'sm'}>
        {source ? source.name : t('sources.title')}
      </Title>
      {source && (
        <Text className="quiet" mb="md">
          {titleOf(source.dialect)}
          {source.link && ' · '}
          {source.link && <LinkState of={source.link} />}
        </Text>
      )}
      {source &&
        (mirrors(source.dialect) ? (
          <SyncedSource id={id} connection={<Connection id={id} source={source} />} />
        ) : (
          <Connection id={id} source={source} />
        ))}
    </div>
  )
}

/** The dialects whose records are mirrored here. */
const mirrors = (dialect: string): boolean => dialect.endsWith('-sync')

/** What to enter on the other side, a test call, and what it said of late. */
function Connection({ id, source }: { id: number; source: Source }) {
  const { t } = useI18n(texts)
  const log = useQuery({ queryKey: ['sourcelog', id], queryFn: () => sourcesApi.log(id), refetchInterval: 5000 })
  return (
    <>
      <Consent source={source} />
      <Problems of={source.problems} />
      <div className="twin">
        <div>
          <div className="panel">
            <Steps of={source} />
          </div>
          <SourceChange key={id} source={source} />
        </div>
        <div>
          {mirrors(source.dialect) && <Reach source={source} />}
          {source.lookup ? <LookupTry id={id} /> : <TestCall id={id} />}
          {source.lookup && <LookupState of={source.lookup} />}
          <Counts of={source.counts} />
          <Title order={2} size="h4" mb="xs">
            {t('source.log')}
          </Title>
          <AsyncState answer={log}>
            {({ items }) =>
              items.length === 0 ? (
                <Text className="quiet">{t('source.log.none')}</Text>
              ) : (
                <ol className="log">
                  {items.map((r) => (
                    <Line key={r.id} request={r} />
                  ))}
                </ol>
              )
            }
          </AsyncState>
        </div>
      </div>
      {!mirrors(source.dialect) && !source.lookup && log.data && (
        <NumberRules key={`rules ${source.version}`} source={source} requests={log.data.items} />
      )}
      {source.dialect === 'generic' && log.data && <Mapping source={source} requests={log.data.items} />}
    </>
  )
}

/** Rings at an agent as if the source had said so; by default at the reader of this page. */
function TestCall({ id }: { id: number }) {
  const { t } = useI18n(texts)
  const me = useMe()
  const [number, setNumber] = useState('')
  const [agent, setAgent] = useState(me.login)
  const test = useMutation({
    mutationFn: () => sourcesApi.test(id, number, agent.trim()),
    onSuccess: () =>
      notify(agent.trim() === me.login ? t('source.test.done') : t('source.test.done.other', { agent: agent.trim() })),
  })
  const faults = useFaults(test.error)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    test.mutate()
  }
  return (
    <form onSubmit={submit} className="panel">
      <Title order={2} size="h4">
        {t('source.test')}
      </Title>
      <Text className="quiet" size="sm" mb="sm">
        {t('source.test.lead')}
      </Text>
      <FormFaults of={faults} />
      <div className="ask flush">
        <TextInput
          label={t('calls.number')}
          type="tel"
          required
          value={number}
          error={faults.at('number')}
          onChange={(e) => setNumber(e.currentTarget.value)}
        />
        <TextInput
          label={t('calls.agent')}
          required
          value={agent}
          error={faults.at('agent')}
          onChange={(e) => setAgent(e.currentTarget.value)}
        />
        <Button type="submit" loading={test.isPending}>
          {t('source.test')}
        </Button>
      </div>
    </form>
  )
}

function outcomeOf(refused: string, understood: Understanding | null): 'refused' | 'ignored' | 'understood' {
  if (refused) return 'refused'
  return understood?.ignored ? 'ignored' : 'understood'
}

function Line({ request }: { request: SourceRequest }) {
  const { t, exact, fault } = useI18n(texts)
  const { refused } = request
  const understood = request.understood as Understanding | null
  const outcome = outcomeOf(refused, understood)
  return (
    <li className={`logline ${outcome}`}>
      <div>
        <strong>{t(`source.${outcome}`)}</strong> <time dateTime={request.at}>{exact(request.at)}</time>{' '}
        <code>
          {request.status} {request.method} {request.path}
        </code>
      </div>
      {refused && (
        <div>
          <strong>{refusalOf(refused, fault)}</strong> <code>{refused}</code>
        </div>
      )}
      <Understood of={understood} />
      {request.body && (
        <details>
          <summary>{t('source.raw')}</summary>
          <pre className="wrapped">{request.body}</pre>
        </details>
      )}
    </li>
  )
}
