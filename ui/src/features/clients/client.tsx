import { Button, Group, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useParams } from 'react-router'
import type { Kind } from '../../api/types'
import { has, useI18n, useMe } from '../../app/context'
import { pretty } from '../../card/number'
import { AsyncState } from '../../parts/asyncstate'
import { ClientLink, Owner } from '../../parts/links'
import { DialButton } from '../dial/dialbutton'
import { History } from '../journal/history'
import { words as journalWords } from '../journal/words'
import { type Client, clientsApi, type ClientPage as PageData } from './api'
import { ClientForm } from './form'
import { Merges } from './merges'
import { RelatedParts } from './related'
import { StatusChange } from './statuschange'
import { words } from './words'

const texts = words.with(journalWords)

/** The page of one company, contact or lead. */
export function ClientPage({ kind }: { kind: Kind }) {
  const id = Number(useParams().id)
  const record = useQuery({ queryKey: [kind, id], queryFn: () => clientsApi.client(kind, id) })
  const page = useQuery({ queryKey: ['client', kind, id], queryFn: () => clientsApi.page(kind, id) })
  return (
    <div className="page">
      <AsyncState answer={record}>{(client) => <Head kind={kind} client={client} />}</AsyncState>
      <AsyncState answer={page}>{(around) => <Around page={around} />}</AsyncState>
    </div>
  )
}

function Head({ kind, client }: { kind: Kind; client: Client }) {
  const { t } = useI18n(texts)
  const [editing, setEditing] = useState(false)
  return (
    <Stack gap="md">
      <Group justify="space-between" align="flex-start">
        <div>
          <Text className="quiet" fw={600}>
            {t(`kind.${kind}`)}
          </Text>
          <Title order={1}>{client.title || client.name}</Title>
        </div>
        <Button variant="default" aria-expanded={editing} onClick={() => setEditing(!editing)}>
          {t(editing ? 'app.cancel' : 'app.edit')}
        </Button>
      </Group>
      {editing ? (
        <ClientForm kind={kind} client={client} done={() => setEditing(false)} />
      ) : (
        <Facts kind={kind} client={client} />
      )}
    </Stack>
  )
}

function Facts({ kind, client }: { kind: Kind; client: Client }) {
  const { t } = useI18n(texts)
  const companies = client.company ? [client.company] : (client.companies ?? [])
  return (
    <div className="twin">
      <dl className="factlist panel">
        <div>
          <dt>{t('client.owner')}</dt>
          <dd>
            <Owner owner={client.owner} />
          </dd>
        </div>
        {kind === 'lead' && client.name && (
          <div>
            <dt>{t('list.name')}</dt>
            <dd>{client.name}</dd>
          </div>
        )}
        {client.post && (
          <div>
            <dt>{t('client.post')}</dt>
            <dd>{client.post}</dd>
          </div>
        )}
        {client.stage && (
          <div>
            <dt>{t('list.stage')}</dt>
            <dd>{client.stage}</dd>
          </div>
        )}
        {companies.length > 0 && (
          <div>
            <dt>{t('client.links')}</dt>
            <dd>
              {companies.map((c) => (
                <div key={c.id}>
                  <ClientLink kind="company" id={c.id} name={c.name} />
                </div>
              ))}
            </dd>
          </div>
        )}
        <div>
          <dt>{t('client.phones')}</dt>
          <dd>
            <Phones client={client} />
          </dd>
        </div>
        {client.emails.length > 0 && (
          <div>
            <dt>{t('client.emails')}</dt>
            <dd>{client.emails.join(', ')}</dd>
          </div>
        )}
        {client.links.length > 0 && (
          <div>
            <dt>{t('client.open_crm')}</dt>
            <dd>
              {client.links.map((page) => (
                <div key={page.url}>
                  <a href={page.url} target="_blank" rel="noopener noreferrer">
                    {page.system}
                  </a>
                </div>
              ))}
            </dd>
          </div>
        )}
      </dl>
      {kind === 'company' && <StatusChange company={client} />}
    </div>
  )
}

function Phones({ client }: { client: Client }) {
  const { t, named, date } = useI18n(texts)
  if (client.phones.length === 0) return <span className="quiet">{t('client.no_phones')}</span>
  return (
    <ul className="bare">
      {client.phones.map((phone) => (
        <li key={phone.value}>
          <span className="whole">{pretty(phone.e164 || phone.value)}</span>{' '}
          {phone.e164 && <DialButton number={phone.e164} />}{' '}
          <span className="quiet">
            {[
              phone.kind && named('phone.kind', phone.kind),
              phone.since && t('client.since', { date: date(phone.since) }),
              phone.valid === false && t('client.unreadable'),
            ]
              .filter(Boolean)
              .join(', ')}
          </span>{' '}
          <Link to={`/check?number=${encodeURIComponent(phone.e164 || phone.value)}`}>{t('client.check')}</Link>
        </li>
      ))}
    </ul>
  )
}

function Around({ page }: { page: PageData }) {
  const { t } = useI18n(texts)
  const me = useMe()
  return (
    <Stack gap="lg" mt="xl">
      <RelatedParts related={page.related} title={t('client.related')} />
      {page.client.kind !== 'lead' && <Merges kind={page.client.kind as Kind} id={page.client.id} />}
      <section>
        <Title order={2} size="h3" mb="xs">
          {t('client.history')}
        </Title>
        {has(me, 'supervisor', 'admin') && (
          <Text mb="xs">
            <Link to={`/journal?client=${page.client.kind}:${page.client.id}`}>{t('journal.all')}</Link>
          </Text>
        )}
        {page.history.length === 0 ? (
          <Text className="quiet">{t('app.empty')}</Text>
        ) : (
          <History entries={page.history} />
        )}
      </section>
    </Stack>
  )
}
