import { Link } from 'react-router'
import type { Direction } from '../../api/types'
import { useI18n } from '../../app/context'
import { pretty } from '../../card/number'
import type { I18nOf } from '../../i18n/i18n'
import { ClientLink, ColorMark, VerdictLine } from '../../parts/links'
import { type Column, Pages, Rows } from '../../parts/pages'
import { dialable } from '../dial/dialable'
import { DialButton } from '../dial/dialbutton'
import { type Call, type CallQuery, callsApi, type RelatedCall } from './api'
import { words } from './words'

/** The columns of a table of calls; `alone` leaves out the agents' names where all calls are one agent's. */
export function callColumns({ t, time, duration, named }: I18nOf<typeof words>, alone = false): Column<Call>[] {
  return [
    {
      head: t('calls.time'),
      cell: (call) => (
        <Link to={`/calls/${call.id}`} className="whole">
          {time(call.started_at)}
        </Link>
      ),
    },
    {
      head: t('calls.number'),
      cell: (call) => (
        <CalledNumber
          direction={call.direction}
          number={call.number.e164 || call.number.raw}
          dial={dialable(call.number)}
        />
      ),
    },
    { head: t('calls.client'), cell: (call) => <Subjects call={call} /> },
    {
      head: t('calls.verdict'),
      cell: (call) => (
        <ul className="bare">
          {call.agents.map((part) => (
            <li key={part.agent?.id ?? part.name}>
              {alone ? null : <span className="quiet">{part.agent?.name ?? part.name}: </span>}
              <VerdictLine verdict={part.verdict} />
              {part.unanswered ? <div className="quiet">{named('unanswered', part.unanswered)}</div> : null}
            </li>
          ))}
        </ul>
      ),
    },
    {
      head: t('calls.result'),
      cell: (call) => outcome(call, named),
      minor: true,
    },
    { head: t('calls.duration'), cell: (call) => duration(call.duration), minor: true },
    { head: t('calls.source'), cell: (call) => [call.source, ...(call.also ?? [])].join(', '), minor: true },
  ]
}

/** How a call ended, or stands; and that its end was not seen. */
export function outcome(call: Call, named: I18nOf<typeof words>['named']): string {
  if (call.state !== 'ended') return named('state', call.state)
  if (!call.end_unknown) return named('result', call.result || 'unknown')
  const end = named('end', 'unknown')
  return call.result ? `${named('result', call.result)}, ${end}` : end
}

/** Calls page by page, newest first. */
export function CallTable({ query, label, alone }: { query: CallQuery; label: string; alone?: boolean }) {
  const i18n = useI18n(words)
  return (
    <Pages
      name="calls"
      load={callsApi.list}
      query={query}
      columns={callColumns(i18n, alone)}
      keyOf={(call) => call.id}
      label={label}
    />
  )
}

/** The past calls of a client. */
export function PastCalls({ calls, label }: { calls: RelatedCall[]; label: string }) {
  const { t, time, named, duration } = useI18n(words)
  const columns: Column<RelatedCall>[] = [
    {
      head: t('calls.time'),
      cell: (call) => (
        <Link to={`/calls/${call.id}`} className="whole">
          {time(call.started_at)}
        </Link>
      ),
    },
    { head: t('calls.color'), cell: (call) => <ColorMark color={call.color} /> },
    { head: t('calls.agent'), cell: (call) => call.agent },
    {
      head: t('calls.number'),
      cell: (call) => (
        <CalledNumber
          direction={call.direction}
          number={call.number}
          dial={call.number.startsWith('+') ? call.number : ''}
        />
      ),
    },
    { head: t('calls.result'), cell: (call) => (call.result ? named('result', call.result) : ''), minor: true },
    { head: t('calls.duration'), cell: (call) => duration(call.duration), minor: true },
  ]
  return <Rows rows={calls} columns={columns} keyOf={(call) => call.id} label={label} />
}

/** A number with the direction of its call (an arrow, and the word for those who do not see it) and a call to it. */
function CalledNumber({ direction, number, dial }: { direction: Direction; number: string; dial: string }) {
  const { t } = useI18n(words)
  return (
    <span className="whole">
      <span aria-hidden="true">{direction === 'in' ? '↙' : '↗'}</span>{' '}
      <span className="unseen">{t(`direction.${direction}`)}</span> {pretty(number)} <DialButton number={dial} />
    </span>
  )
}

/** The clients on the cards of a call, each named once. */
function Subjects({ call }: { call: Call }) {
  const subjects = new Map(
    call.agents.flatMap(({ subject }) =>
      subject ? [[`${subject.kind}${subject.id}${subject.external_id ?? ''}`, subject] as const] : [],
    ),
  )
  return (
    <>
      {[...subjects].map(([key, { kind, id, name }]) => (
        <div key={key}>
          <ClientLink kind={kind} id={id} name={name} />
        </div>
      ))}
    </>
  )
}
