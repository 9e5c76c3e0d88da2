// What an entry of the journal says: to what it happened, and the details beside its verb, in given.

import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import type { Kind } from '../../api/types'
import { useI18n } from '../../app/context'
import { pretty } from '../../card/number'
import type { I18nOf } from '../../i18n/i18n'
import { ClientLink } from '../../parts/links'
import { fieldName } from '../policy/draft'
import { words as policyWords } from '../policy/words'
import { statusesApi } from '../statuses/api'
import { usersApi } from '../users/api'
import { useUsers } from '../users/userselect'
import type { JournalEntry } from './api'
import { words } from './words'

type Details = Record<string, unknown>

const detailsOf = (entry: JournalEntry): Details =>
  typeof entry.details === 'object' && entry.details !== null ? (entry.details as Details) : {}
const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

/** The names that entries only have as numbers and codes. */
interface Names {
  person(id: unknown): string
  department(id: unknown): string
  status(code: unknown): string
  policyField(field: string): string
  policyValue(field: string, value: string): string
}

function useNames(): Names {
  const people = useUsers()
  const policy = useI18n(policyWords)
  const statuses = useQuery({ queryKey: ['statuses'], queryFn: statusesApi.list, staleTime: 60_000 })
  const departments = useQuery({ queryKey: ['departments'], queryFn: usersApi.departments, staleTime: 60_000 })
  return {
    person: (id) => people.get(Number(id))?.name ?? (Number(id) ? `#${String(id)}` : '—'),
    department: (id) =>
      departments.data?.items.find((one) => one.id === Number(id))?.name ?? (Number(id) ? `#${String(id)}` : '—'),
    status: (code) => statuses.data?.items.find((one) => one.code === code)?.name ?? (isText(code) ? code : '—'),
    policyField: (field) => fieldName(field, policy),
    policyValue: (field, value) => {
      const own = policy.named(`policy.${field}`, value)
      return own === value ? policy.named('policy', value) : own
    },
  }
}

/** Says the details of entries in given: from what to what, why, by which number. */
export function useDetails(): (entry: JournalEntry) => string {
  const i18n = useI18n(words)
  const names = useNames()
  return (entry) => details(entry, i18n, names)
}

const clients = new Set(['company', 'contact', 'lead'])

/** An entry with the name of its client, where a page has found it out. */
export type NamedEntry = JournalEntry & { client_name?: string }

/** To what an entry happened: a client, a call, one of us, a status; with a link where there is a page. */
export function JournalEntryView({ entry }: { entry: NamedEntry }) {
  const i18n = useI18n(words)
  const names = useNames()
  const { subject, client } = entry
  const given = detailsOf(entry)
  const named = entry.client_name ?? clientName(entry)
  return (
    <>
      {subject.id !== 0 && !clients.has(subject.kind) && (
        <div>
          <Subject entry={entry} given={given} i18n={i18n} names={names} />
        </div>
      )}
      {client.id !== 0 && clients.has(client.kind) && (
        <div>
          <ClientLink
            kind={client.kind as Kind}
            id={client.id}
            name={named || i18n.named('ref', client.kind).replace('{id}', String(client.id))}
          />
        </div>
      )}
    </>
  )
}

/** The client's name where the entry tells it: a change names it, a card has it as its subject. */
export function clientName(entry: JournalEntry): string {
  const given = detailsOf(entry)
  if (entry.client.id === 0) return ''
  if (isText(given.name) && entry.subject.kind === entry.client.kind) return given.name
  const subject = given.subject as { name?: unknown } | null | undefined
  return isText(subject?.name) ? subject.name : ''
}

interface SubjectProps {
  entry: JournalEntry
  given: Details
  i18n: I18nOf<typeof words>
  names: Names
}

function Subject({ entry: { subject }, given, i18n, names }: SubjectProps) {
  const { kind, id } = subject
  const plain = i18n.named('ref', kind).replace('{id}', String(id))
  if (kind === 'call') return <Link to={`/calls/${id}`}>{plain}</Link>
  if (kind === 'policy') return <Link to="/policy">{plain}</Link>
  if (kind === 'source' && isText(given.name)) return <Link to={`/sources/${id}`}>{given.name}</Link>
  if (kind === 'user') return <>{names.person(id)}</>
  if (kind === 'department') return <>{isText(given.name) ? given.name : names.department(id)}</>
  if (kind === 'status') return <>{isText(given.name) ? given.name : names.status(given.code)}</>
  return <>{plain}</>
}

function details(entry: JournalEntry, i18n: I18nOf<typeof words>, names: Names): string {
  const given = detailsOf(entry)
  const parts = [special(entry.verb, given, i18n, names), ...changes(entry.verb, given, i18n, names)]
  if (isText(given.reason)) parts.push(given.reason)
  return parts.filter(Boolean).join('. ')
}

/** What only entries of one verb have. */
function special(
  verb: string,
  given: Details,
  { t, named, fault, why, date, time, duration }: I18nOf<typeof words>,
  names: Names,
): string {
  const [room] = verb.split('.')
  if (verb === 'change.refused') return isText(given.code) ? fault(given.code) : ''
  if (room === 'card') {
    const verdict = (given.verdict ?? given) as { color?: unknown; why?: unknown }
    return [isText(verdict.color) && named('color', verdict.color), isText(verdict.why) && why(verdict.why)]
      .filter(Boolean)
      .join(': ')
  }
  if (room === 'call') {
    const talk = Number(given.duration) ? t('detail.talk', { duration: duration(Number(given.duration)) }) : ''
    return [
      named('direction', String(given.direction)),
      pretty(String(given.number ?? '')),
      isText(given.result) && named('result', given.result),
      talk,
    ]
      .filter(Boolean)
      .join(', ')
  }
  if (room === 'deputy')
    return isText(given.from) && isText(given.until)
      ? t('detail.deputy', { name: names.person(given.deputy_id), from: date(given.from), until: date(given.until) })
      : names.person(given.deputy_id)
  if (room === 'identity') return [given.source, given.value].filter(isText).join(': ')
  if (room === 'token') return isText(given.name) ? given.name : ''
  if (verb === 'user.link_made') return isText(given.until) ? t('detail.until', { until: time(given.until) }) : ''
  return isText(given.dialect) ? given.dialect : ''
}

/** From what to what, field by field; an entry about one field alone leaves its name out. */
function changes(verb: string, given: Details, i18n: I18nOf<typeof words>, names: Names): string[] {
  if (typeof given.changed !== 'object' || given.changed === null) return []
  const changed = given.changed as Record<string, Change>
  if (verb === 'policy.changed') return policyChanges(changed, names, i18n)
  const alone = verb === 'owner.changed' || verb === 'company.status'
  return Object.entries(changed).map(([field, { from, to }]) => {
    const say = sayer(field, i18n, names)
    const change = `${say(from)} → ${say(to)}`
    return alone ? change : `${i18n.named('field', field).replace(/^field\./, '')}: ${change}`
  })
}

interface Change {
  from: unknown
  to: unknown
}

/** The settings that differ, by their names on the policy's screen; of a group of settings only what differs in it. */
function policyChanges(changed: Record<string, Change>, names: Names, i18n: I18nOf<typeof words>): string[] {
  return Object.entries(changed)
    .filter(([field]) => field !== 'version') // the entry is about that version
    .flatMap(([field, change]) =>
      leaves(change).map(({ path, from, to }) => {
        const say = (value: unknown) =>
          Array.isArray(value) && value.length > 0
            ? value.map((one) => names.policyValue(field, String(one))).join(', ')
            : isText(value)
              ? names.policyValue(field, value)
              : plain(value, i18n)
        return `${[names.policyField(field), ...path].join(', ')}: ${say(from)} → ${say(to)}`
      }),
    )
}

type Group = Record<string, unknown>

const isGroup = (value: unknown): value is Group => typeof value === 'object' && value !== null && !Array.isArray(value)
const isEmpty = (value: unknown) => value === null || value === undefined

/** The values inside of two groups that differ, each with the names that lead to it. */
function leaves({ from, to }: Change): { path: string[]; from: unknown; to: unknown }[] {
  const groups = (isGroup(from) && (isGroup(to) || isEmpty(to))) || (isGroup(to) && isEmpty(from))
  if (!groups) return JSON.stringify(from) === JSON.stringify(to) ? [] : [{ path: [], from, to }]
  const [before, after] = [(from ?? {}) as Group, (to ?? {}) as Group]
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) =>
    leaves({ from: before[key], to: after[key] }).map((leaf) => ({ ...leaf, path: [key, ...leaf.path] })),
  )
}

/** How the values of a field read: ids and codes by the names behind them. */
function sayer(field: string, i18n: I18nOf<typeof words>, names: Names): (value: unknown) => string {
  if (field === 'head_id' || field === 'owner_id') return names.person
  if (field === 'department_id' || field === 'parent_id') return names.department
  if (field === 'status') return names.status
  return (value) => plain(value, i18n)
}

function plain(value: unknown, { t }: I18nOf<typeof words>): string {
  if (typeof value === 'boolean') return t(value ? 'app.yes' : 'app.no')
  if (Array.isArray(value)) return value.map(String).join(', ') || '—'
  return value === null || value === undefined || value === '' ? '—' : String(value)
}
