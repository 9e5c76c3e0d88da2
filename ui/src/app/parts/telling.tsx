// What an entry of the journal says: to what it happened, and the details beside its verb, in words.

import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import type { Kind } from '../../api/contract'
import type { JournalEntry } from '../../api/records'
import { api } from '../../api/routes'
import { staffApi } from '../../api/staff'
import { pretty } from '../../card/number'
import { useTongue } from '../house'
import type { Tongue } from '../words/words'
import { ClientLink } from './marks'
import { usePeople } from './people'

type Words = Record<string, unknown>

const wordsOf = (entry: JournalEntry): Words =>
  typeof entry.details === 'object' && entry.details !== null ? (entry.details as Words) : {}
const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

/** The names that entries only have as numbers and codes. */
interface Names {
  person(id: unknown): string
  department(id: unknown): string
  status(code: unknown): string
}

function useNames(): Names {
  const people = usePeople()
  const statuses = useQuery({ queryKey: ['statuses'], queryFn: api.statuses, staleTime: 60_000 })
  const departments = useQuery({ queryKey: ['departments'], queryFn: staffApi.departments, staleTime: 60_000 })
  return {
    person: (id) => people.get(Number(id))?.name ?? (Number(id) ? `#${String(id)}` : '—'),
    department: (id) =>
      departments.data?.items.find((one) => one.id === Number(id))?.name ?? (Number(id) ? `#${String(id)}` : '—'),
    status: (code) => statuses.data?.items.find((one) => one.code === code)?.name ?? (isText(code) ? code : '—'),
  }
}

/** Says the details of entries in words: from what to what, why, by which number. */
export function useDetails(): (entry: JournalEntry) => string {
  const tongue = useTongue()
  const names = useNames()
  return (entry) => details(entry, tongue, names)
}

const clients = new Set(['company', 'contact', 'lead'])

/** To what an entry happened: a client, a call, one of us, a status; with a link where there is a page. */
export function Happened({ entry }: { entry: JournalEntry }) {
  const tongue = useTongue()
  const names = useNames()
  const { subject, client } = entry
  const words = wordsOf(entry)
  const named = entry.client_name ?? clientName(entry)
  return (
    <>
      {subject.id !== 0 && !clients.has(subject.kind) && (
        <div>
          <Subject entry={entry} words={words} tongue={tongue} names={names} />
        </div>
      )}
      {client.id !== 0 && clients.has(client.kind) && (
        <div>
          <ClientLink
            kind={client.kind as Kind}
            id={client.id}
            name={named || tongue.named('ref', client.kind).replace('{id}', String(client.id))}
          />
        </div>
      )}
    </>
  )
}

/** The client's name where the entry tells it: a change names it, a card has it as its subject. */
export function clientName(entry: JournalEntry): string {
  const words = wordsOf(entry)
  if (entry.client.id === 0) return ''
  if (isText(words.name) && entry.subject.kind === entry.client.kind) return words.name
  const subject = words.subject as { name?: unknown } | null | undefined
  return isText(subject?.name) ? subject.name : ''
}

interface Telling {
  entry: JournalEntry
  words: Words
  tongue: Tongue
  names: Names
}

function Subject({ entry: { subject }, words, tongue, names }: Telling) {
  const { kind, id } = subject
  const plain = tongue.named('ref', kind).replace('{id}', String(id))
  if (kind === 'call') return <Link to={`/calls/${id}`}>{plain}</Link>
  if (kind === 'policy') return <Link to="/policy">{plain}</Link>
  if (kind === 'source' && isText(words.name)) return <Link to={`/sources/${id}`}>{words.name}</Link>
  if (kind === 'user') return <>{names.person(id)}</>
  if (kind === 'department') return <>{isText(words.name) ? words.name : names.department(id)}</>
  if (kind === 'status') return <>{isText(words.name) ? words.name : names.status(words.code)}</>
  return <>{plain}</>
}

function details(entry: JournalEntry, tongue: Tongue, names: Names): string {
  const words = wordsOf(entry)
  const parts = [special(entry.verb, words, tongue, names), ...changes(entry.verb, words, tongue, names)]
  if (isText(words.reason)) parts.push(words.reason)
  return parts.filter(Boolean).join('. ')
}

/** What only entries of one verb have. */
function special(
  verb: string,
  words: Words,
  { t, named, fault, why, date, time, duration }: Tongue,
  names: Names,
): string {
  const [room] = verb.split('.')
  if (verb === 'change.refused') return isText(words.code) ? fault(words.code) : ''
  if (room === 'card') {
    const verdict = (words.verdict ?? words) as { color?: unknown; why?: unknown }
    return [isText(verdict.color) && named('color', verdict.color), isText(verdict.why) && why(verdict.why)]
      .filter(Boolean)
      .join(': ')
  }
  if (room === 'call') {
    const talk = Number(words.duration) ? t('detail.talk', { duration: duration(Number(words.duration)) }) : ''
    return [
      named('direction', String(words.direction)),
      pretty(String(words.number ?? '')),
      isText(words.result) && named('result', words.result),
      talk,
    ]
      .filter(Boolean)
      .join(', ')
  }
  if (room === 'deputy')
    return isText(words.from) && isText(words.until)
      ? t('detail.deputy', { name: names.person(words.deputy_id), from: date(words.from), until: date(words.until) })
      : names.person(words.deputy_id)
  if (room === 'identity') return [words.source, words.value].filter(isText).join(': ')
  if (room === 'token') return isText(words.name) ? words.name : ''
  if (verb === 'user.link_made') return isText(words.until) ? t('detail.until', { until: time(words.until) }) : ''
  return isText(words.dialect) ? words.dialect : ''
}

/** From what to what: one value, or field by field. */
function changes(verb: string, words: Words, tongue: Tongue, names: Names): string[] {
  const arrow = (from: unknown, to: unknown, say: (value: unknown) => string) => `${say(from)} → ${say(to)}`
  if (verb === 'policy.changed') return [] // two whole policies; the versions on /policy say what differs
  if ('old' in words && 'new' in words) {
    const say =
      verb === 'owner.changed'
        ? names.person
        : verb === 'company.status'
          ? names.status
          : (value: unknown) => plain(value, tongue)
    return [arrow(words.old, words.new, say)]
  }
  if (typeof words.changed !== 'object' || words.changed === null) return []
  return Object.entries(words.changed).map(([field, change]) => {
    const { from, to } = Array.isArray(change)
      ? { from: change[0] as unknown, to: change[1] as unknown }
      : (change as { from: unknown; to: unknown })
    const say =
      field === 'head_id' || field === 'owner_id'
        ? names.person
        : field === 'department_id' || field === 'parent_id'
          ? names.department
          : (value: unknown) => plain(value, tongue)
    return `${tongue.named('field', field).replace(/^field\./, '')}: ${arrow(from, to, say)}`
  })
}

function plain(value: unknown, { t }: Tongue): string {
  if (typeof value === 'boolean') return t(value ? 'app.yes' : 'app.no')
  if (Array.isArray(value)) return value.map(String).join(', ') || '—'
  return value === null || value === undefined || value === '' ? '—' : String(value)
}
