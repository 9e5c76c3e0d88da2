import { useI18n } from '../../app/context'
import { useUsers } from '../users/userselect'
import type { JournalEntry } from './api'
import { useDetails } from './entry'
import { verbText } from './verbs'

/** What happened to a client, the latest first: when, who, what, and from what to what. */
export function History({ entries }: { entries: JournalEntry[] }) {
  const { lang, time } = useI18n()
  const people = useUsers()
  const details = useDetails()
  return (
    <ol className="history">
      {entries.map((entry) => (
        <li key={entry.id}>
          <time dateTime={entry.at}>{time(entry.at)}</time>{' '}
          {entry.actor !== 0 && <strong>{people.get(entry.actor)?.name ?? `#${entry.actor}`}: </strong>}
          {[verbText(lang, entry.verb), details(entry)].filter(Boolean).join(': ')}
        </li>
      ))}
    </ol>
  )
}
