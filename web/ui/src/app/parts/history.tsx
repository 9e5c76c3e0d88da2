import { useQuery } from '@tanstack/react-query'
import { api } from '../../api/routes'
import type { JournalEntry } from '../../api/records'
import { useTongue } from '../house'
import { usePeople } from './people'

/** What happened to a client, the latest first: when, who, what, and from what to what. */
export function History({ entries }: { entries: JournalEntry[] }) {
  const { time, happened, fault } = useTongue()
  const people = usePeople()
  const statuses = useQuery({ queryKey: ['statuses'], queryFn: api.statuses })

  const nameOf = (value: unknown, verb: string): string => {
    if (verb === 'owner.changed') return people.get(Number(value))?.name ?? '—'
    if (verb === 'company.status') return statuses.data?.items.find((s) => s.code === value)?.name ?? String(value || '—')
    return Array.isArray(value) ? value.join(', ') || '—' : String(value ?? '—')
  }
  const details = ({ verb, words: json }: JournalEntry): string => {
    if (typeof json !== 'object' || json === null) return ''
    const words = json as Record<string, unknown>
    const change = 'old' in words && 'new' in words ? `${nameOf(words.old, verb)} → ${nameOf(words.new, verb)}` : ''
    const refusal = verb === 'change.refused' && typeof words.code === 'string' ? fault(words.code) : ''
    return [change, refusal, typeof words.reason === 'string' ? words.reason : ''].filter(Boolean).join('. ')
  }
  return (
    <ol className="history">
      {entries.map((entry) => (
        <li key={entry.id}>
          <time dateTime={entry.at}>{time(entry.at)}</time> {entry.actor !== 0 && <strong>{people.get(entry.actor)?.name ?? `#${entry.actor}`}: </strong>}
          {[happened(entry.verb), details(entry)].filter(Boolean).join(': ')}
        </li>
      ))}
    </ol>
  )
}
