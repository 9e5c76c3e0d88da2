import { Button, NativeSelect, Text, TextInput, Title } from '@mantine/core'
import { useSearchParams } from 'react-router'
import type { Page } from '../../api/types'
import { useI18n } from '../../app/context'
import { moment } from '../../parts/moment'
import { type Column, Pages } from '../../parts/pages'
import { ClientPicker } from '../clients/clientpicker'
import { UserSelect, useUsers } from '../users/userselect'
import { type JournalEntry, type JournalQuery, journalApi } from './api'
import { clientName, JournalEntryView, type NamedEntry, useDetails } from './entry'
import { verbs, verbText } from './verbs'
import { words } from './words'

const names = ['client', 'actor', 'verb', 'from', 'until'] as const

/** Everything that happened. The filter lives in the address, so it can be sent to a colleague. */
export function Journal() {
  const { t, lang } = useI18n(words)
  const [address, setAddress] = useSearchParams()
  const filter = Object.fromEntries(names.map((name) => [name, address.get(name) ?? ''])) as Record<
    (typeof names)[number],
    string
  >
  const put = (name: (typeof names)[number], value: string) =>
    setAddress(
      (old) => {
        const next = new URLSearchParams(old)
        if (value) next.set(name, value)
        else next.delete(name)
        return next
      },
      { replace: true },
    )
  const [kind, id] = filter.client.split(':')
  const byText = verbs
    .map((verb) => ({ value: verb, label: verbText(lang, verb) }))
    .sort((a, b) => a.label.localeCompare(b.label, lang))
  const set = names.some((name) => filter[name])
  return (
    <div className="page">
      <Title order={1}>{t('journal.title')}</Title>
      <Text className="quiet" mb="md">
        {t('journal.lead')}
      </Text>
      <div className="ask">
        <ClientPicker
          className="wide"
          label={t('journal.client')}
          placeholder={t('journal.client.hint')}
          kinds={['company', 'contact', 'lead']}
          value={kind ? { kind, id: Number(id) } : null}
          onChange={(client) => put('client', client ? `${client.kind}:${client.id}` : '')}
        />
        <UserSelect
          label={t('journal.actor')}
          nobody={t('journal.anybody')}
          value={Number(filter.actor) || 0}
          onChange={(actor) => put('actor', actor ? String(actor) : '')}
        />
        <NativeSelect
          label={t('journal.verb')}
          value={filter.verb}
          onChange={(e) => put('verb', e.currentTarget.value)}
          data={[{ value: '', label: t('journal.any_verb') }, ...byText]}
        />
        <TextInput
          type="datetime-local"
          label={t('journal.from')}
          value={filter.from}
          onChange={(e) => put('from', e.currentTarget.value)}
        />
        <TextInput
          type="datetime-local"
          label={t('journal.until')}
          value={filter.until}
          onChange={(e) => put('until', e.currentTarget.value)}
        />
        {set && (
          <Button variant="default" onClick={() => setAddress({}, { replace: true })}>
            {t('journal.reset')}
          </Button>
        )}
      </div>
      <Entries
        query={{
          client: filter.client,
          actor: Number(filter.actor) || 0,
          verb: verbs.find((verb) => verb === filter.verb) ?? '',
          from: moment(filter.from),
          until: moment(filter.until),
        }}
        searched={set}
      />
    </div>
  )
}

function Entries({ query, searched }: { query: JournalQuery; searched: boolean }) {
  const { t, lang, exact } = useI18n(words)
  const people = useUsers()
  const details = useDetails()
  const columns: Column<NamedEntry>[] = [
    {
      head: t('journal.when'),
      cell: (entry) => (
        <time dateTime={entry.at} className="whole">
          {exact(entry.at)}
        </time>
      ),
    },
    {
      head: t('journal.who'),
      cell: (entry) =>
        entry.actor ? (
          (people.get(entry.actor)?.name ?? `#${entry.actor}`)
        ) : (
          <span className="quiet">{t('app.machine')}</span>
        ),
    },
    { head: t('journal.what'), cell: (entry) => <strong>{verbText(lang, entry.verb)}</strong> },
    { head: t('journal.whom'), cell: (entry) => <JournalEntryView entry={entry} /> },
    { head: t('journal.details'), cell: details },
  ]
  return (
    <Pages
      name="journal"
      load={namedEntries}
      query={query}
      columns={columns}
      keyOf={(entry) => entry.id}
      label={t('journal.title')}
      searched={searched}
    />
  )
}

/** A page of entries; one that tells only the number of its client learns the name from its neighbours. */
async function namedEntries(query: JournalQuery): Promise<Page<NamedEntry>> {
  const page = await journalApi.list(query)
  const known = new Map<string, string>()
  for (const entry of page.items) {
    const name = clientName(entry)
    if (name && !known.has(keyOf(entry))) known.set(keyOf(entry), name)
  }
  return {
    ...page,
    items: page.items.map((entry) => ({ ...entry, client_name: clientName(entry) || known.get(keyOf(entry)) })),
  }
}

const keyOf = ({ client }: JournalEntry) => `${client.kind} ${client.id}`
