import type { JournalEntry } from '../../api/records'
import { useTongue } from '../house'
import { usePeople } from './people'
import { useDetails } from './telling'

/** What happened to a client, the latest first: when, who, what, and from what to what. */
export function History({ entries }: { entries: JournalEntry[] }) {
  const { time, happened } = useTongue()
  const people = usePeople()
  const details = useDetails()
  return (
    <ol className="history">
      {entries.map((entry) => (
        <li key={entry.id}>
          <time dateTime={entry.at}>{time(entry.at)}</time>{' '}
          {entry.actor !== 0 && <strong>{people.get(entry.actor)?.name ?? `#${entry.actor}`}: </strong>}
          {[happened(entry.verb), details(entry)].filter(Boolean).join(': ')}
        </li>
      ))}
    </ol>
  )
}
