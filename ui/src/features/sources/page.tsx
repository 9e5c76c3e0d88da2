import { Button, Group, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'react-router'
import { useI18n } from '../../app/context'
import { AsyncState } from '../../parts/asyncstate'
import { Rows } from '../../parts/pages'
import { type Count, type Source, sourcesApi } from './api'
import { refusedOf, requestsOf } from './counts'
import { useDialects } from './dialects'
import { lookupWords } from './lookupwords'
import { NewSource } from './new'
import { LinkState, Problems } from './problems'
import { words } from './words'

const texts = words.with(lookupWords)

/** The PBXs and CRMs that are connected. */
export function Sources() {
  const { t, time } = useI18n(words)
  const [adding, setAdding] = useState(false)
  const titleOf = useDialects()
  const answer = useQuery({ queryKey: ['sources'], queryFn: sourcesApi.list })
  return (
    <div className="page">
      <Group justify="space-between" mb="xs">
        <Title order={1}>{t('sources.title')}</Title>
        {!adding && <Button onClick={() => setAdding(true)}>{t('sources.new')}</Button>}
      </Group>
      <Text className="quiet" mb="md">
        {t('sources.lead')}
      </Text>
      {adding && <NewSource close={() => setAdding(false)} />}
      <AsyncState answer={answer}>
        {({ items }) =>
          items.length === 0 ? (
            <Text>{t('sources.none')}</Text>
          ) : (
            <Rows
              rows={items}
              keyOf={(source) => source.id}
              label={t('sources.title')}
              columns={[
                { head: t('sources.name'), cell: (s) => <Link to={`/sources/${s.id}`}>{s.name}</Link> },
                { head: t('sources.what'), cell: (s) => titleOf(s.dialect) },
                {
                  head: t('sources.heard'),
                  cell: (s) =>
                    s.heard_at ? (
                      <time dateTime={s.heard_at}>{time(s.heard_at)}</time>
                    ) : (
                      <span className="quiet">{t('sources.heard.never')}</span>
                    ),
                },
                { head: t('sources.requests'), cell: (s) => <Requests of={s.counts} />, minor: true },
                {
                  head: t('sources.state'),
                  cell: (s) => <State of={s} />,
                },
                {
                  head: t('sources.problems'),
                  cell: (s) => <Problems of={s.problems} />,
                  minor: true,
                },
              ]}
            />
          )
        }
      </AsyncState>
    </div>
  )
}

/** Whether a source works: its connection, or whether a system that is asked for numbers answers. */
function State({ of: { active, link, lookup } }: { of: Source }) {
  const { t, named } = useI18n(texts)
  if (link) return <LinkState of={link} />
  if (active && lookup && lookup.state !== 'ready')
    return <span className="amiss">{named('lookup.state', lookup.state)}</span>
  return t(active ? 'sources.active' : 'sources.inactive')
}

function Requests({ of }: { of: Count[] }) {
  const { t } = useI18n(words)
  const refused = refusedOf(of)
  return (
    <>
      {requestsOf(of)}
      {refused > 0 && <strong className="amiss">, {t('sources.requests.refused', { n: refused })}</strong>}
    </>
  )
}
