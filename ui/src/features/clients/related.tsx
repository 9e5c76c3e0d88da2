// The wider CRM around a client: on his page, and under the card while he is on the line.

import { Stack, Title } from '@mantine/core'
import { useI18n } from '../../app/context'
import { ClientLink, Owner, StatusLabel } from '../../parts/links'
import { PastCalls } from '../calls/calltable'
import type { Related, RelatedRecord } from './api'
import { words } from './words'

const groups = [
  ['companies', 'company'],
  ['contacts', 'contact'],
  ['leads', 'lead'],
] as const

/** Linked companies, contacts and leads side by side, then the last calls; empty parts are left out. */
export function RelatedParts({ related, title }: { related: Related; title: string }) {
  const { t } = useI18n(words)
  const filled = groups.filter(([name]) => related[name]?.length)
  const calls = related.calls ?? []
  if (filled.length === 0 && calls.length === 0) return null
  return (
    <Stack gap="md">
      {filled.length > 0 && (
        <Title order={2} size="h3">
          {title}
        </Title>
      )}
      <div className="columns">
        {filled.map(([name, kind]) => (
          <section key={name}>
            <Title order={3} size="h5" mb="xs">
              {t(`client.related.${name}`)}
            </Title>
            <ul className="bare">
              {related[name]!.map((record) => (
                <li key={record.id}>
                  <RelatedLine kind={kind} record={record} />
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
      {calls.length > 0 && (
        <section>
          <Title order={2} size="h3" mb="xs">
            {t('client.related.calls')}
          </Title>
          <PastCalls calls={calls} label={t('client.related.calls')} />
        </section>
      )}
    </Stack>
  )
}

function RelatedLine({ kind, record }: { kind: 'company' | 'contact' | 'lead'; record: RelatedRecord }) {
  return (
    <>
      <ClientLink kind={kind} id={record.id} name={record.name} />
      {record.status && (
        <>
          {' '}
          · <StatusLabel status={record.status} />
        </>
      )}
      {record.stage && ` · ${record.stage}`}
      <div className="quiet">
        <Owner owner={record.owner} />
      </div>
    </>
  )
}
