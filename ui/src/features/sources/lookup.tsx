import { Button, Table, Text, TextInput, Title } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useI18n, useMe } from '../../app/context'
import { FormFaults, useFaults } from '../../parts/formfaults'
import { words as callsWords } from '../calls/words'
import { type LookupTried, type Source, sourcesApi } from './api'
import { lookupWords } from './lookupwords'

const texts = lookupWords.with(callsWords)

/** How a system that is asked during calls is doing, since this server was started. */
export function LookupState({ of }: { of: NonNullable<Source['lookup']> }) {
  const { t, named, time } = useI18n(lookupWords)
  return (
    <section className="panel">
      <Title order={2} size="h4" mb="xs">
        {t('lookup.state')}
      </Title>
      <Text className={of.state === 'ready' ? undefined : 'amiss'} role="status">
        {named('lookup.state', of.state)}
      </Text>
      <Text size="sm">
        {t('lookup.counts', { asked: of.asked, cached: of.cached, failed: of.failed })}
        {of.asked > 0 && ` ${t('lookup.speed', { median: of.median_ms, slow: of.p95_ms })}`}
      </Text>
      {of.last_error_at && (
        <Text size="sm">
          {t('lookup.last')} <time dateTime={of.last_error_at}>{time(of.last_error_at)}</time>:{' '}
          {named('lookup.error', of.last_error)}
        </Text>
      )}
    </section>
  )
}

/** Asks the system for a number, and shows what came and what became of it. */
export function LookupTry({ id }: { id: number }) {
  const { t } = useI18n(texts)
  const me = useMe()
  const [number, setNumber] = useState('')
  const [agent, setAgent] = useState(me.login)
  const trial = useMutation({ mutationFn: () => sourcesApi.tryLookup(id, number, agent.trim()) })
  const faults = useFaults(trial.error)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    trial.mutate()
  }
  return (
    <section className="panel">
      <form onSubmit={submit}>
        <Title order={2} size="h4">
          {t('lookup.try')}
        </Title>
        <Text className="quiet" size="sm" mb="sm">
          {t('lookup.try.lead')}
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
            value={agent}
            error={faults.at('agent')}
            onChange={(e) => setAgent(e.currentTarget.value)}
          />
          <Button type="submit" loading={trial.isPending}>
            {t('lookup.try.ask')}
          </Button>
        </div>
      </form>
      <div aria-live="polite">{trial.data && <Tried tried={trial.data} />}</div>
    </section>
  )
}

function Tried({ tried }: { tried: LookupTried }) {
  const { t, named } = useI18n(texts)
  return (
    <>
      <Text size="sm" mt="sm">
        {t(tried.in_time ? 'lookup.took' : 'lookup.late', { ms: tried.took_ms })}
      </Text>
      {tried.error && (
        <Text className="amiss" role="alert">
          {named('lookup.error', tried.error)} {tried.detail && <code>{tried.detail}</code>}
        </Text>
      )}
      <Understood tried={tried} />
      {tried.card && (
        <Text>
          <strong>{t('lookup.card')}</strong> {tried.card.verdict.title}
        </Text>
      )}
      <details>
        <summary>{t('lookup.raw')}</summary>
        <dl className="pairs">
          {tried.sent.map(({ name, value }) => (
            <div key={name}>
              <dt>
                <code>{name}</code>
              </dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        <Rows tried={tried} />
        {tried.answer && <pre className="wrapped">{tried.answer}</pre>}
      </details>
    </>
  )
}

/** The rows of a database, as they came. */
function Rows({ tried: { columns, rows } }: { tried: LookupTried }) {
  const { t } = useI18n(texts)
  if (columns.length === 0) return null
  return (
    <div className="rows" role="region" aria-label={t('lookup.raw')} tabIndex={0}>
      <Table verticalSpacing={4}>
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <Table.Th key={column}>{column}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row, n) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of a database have no key of their own
            <Table.Tr key={n}>
              {row.map((text, column) => (
                <Table.Td key={columns[column]}>{text}</Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  )
}

/** The records as they were understood, and what is not known here. */
function Understood({ tried: { error, mapped, unknown } }: { tried: LookupTried }) {
  const { t, named } = useI18n(texts)
  if (error) return null
  return (
    <>
      {mapped.length === 0 && <Text>{t('lookup.nothing')}</Text>}
      <ul>
        {mapped.map((one) => (
          <li key={one.kind + one.external_id}>
            <strong>{one.name}</strong>{' '}
            {[
              named('lookup.kind', one.kind),
              one.owner?.name ?? (one.owner_unknown || t('lookup.no_owner')),
              one.status || one.status_unknown,
              one.protected && t('lookup.protected'),
            ]
              .filter(Boolean)
              .join(' · ')}
          </li>
        ))}
      </ul>
      {unknown.owners.length > 0 && (
        <Text className="amiss">{t('lookup.unknown.owners', { names: unknown.owners.join(', ') })}</Text>
      )}
      {unknown.statuses.length > 0 && (
        <Text className="amiss">{t('lookup.unknown.statuses', { names: unknown.statuses.join(', ') })}</Text>
      )}
      {unknown.times.length > 0 && (
        <Text className="amiss">{t('lookup.unknown.times', { names: unknown.times.join(', ') })}</Text>
      )}
    </>
  )
}
