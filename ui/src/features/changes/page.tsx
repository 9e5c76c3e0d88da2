import { Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useI18n } from '../../app/context'
import { AsyncState } from '../../parts/asyncstate'
import { Time } from '../../parts/links'
import { PageHead } from '../../parts/listpage'
import { type Column, Rows } from '../../parts/pages'
import { type Change, changesApi } from './api'
import { Waiting } from './waiting'
import { words } from './words'

/** What lowers protection: what waits for a second administrator, and what came of the last ones. */
export function Changes() {
  const { t } = useI18n(words)
  const answer = useQuery({
    queryKey: ['changes', 'list'],
    queryFn: () => changesApi.list({ limit: 200 }),
    refetchInterval: 30_000,
  })
  return (
    <div className="page">
      <PageHead title={t('changes.title')} lead={t('changes.lead')} />
      <AsyncState answer={answer}>
        {({ items }) => {
          const open = items.filter(({ state }) => state === 'proposed')
          return (
            <>
              {open.length === 0 && (
                <Text className="quiet" mb="md">
                  {t('changes.none')}
                </Text>
              )}
              <ul className="bare">
                {open.map((change) => (
                  <li key={change.id}>
                    <Waiting change={change} />
                  </li>
                ))}
              </ul>
              <Past changes={items.filter(({ state }) => state !== 'proposed')} />
            </>
          )
        }}
      </AsyncState>
    </div>
  )
}

function Past({ changes }: { changes: Change[] }) {
  const { t, named } = useI18n(words)
  if (changes.length === 0) return null
  const columns: Column<Change>[] = [
    { head: t('changes.what'), cell: (c) => `${named('changes.kind', c.kind)}: ${c.name}` },
    { head: t('changes.state'), cell: (c) => t(`changes.state.${c.state}`) },
    { head: t('changes.proposer'), cell: (c) => c.proposed_by.name },
    { head: t('changes.decider'), cell: (c) => c.decided_by?.name ?? '–' },
    { head: t('changes.decided'), cell: (c) => (c.decided_at ? <Time at={c.decided_at} /> : '–') },
    { head: t('changes.reason'), cell: (c) => c.reason, minor: true },
  ]
  return (
    <section>
      <Title order={2} size="h3" mt="lg" mb="sm">
        {t('changes.past')}
      </Title>
      <Rows rows={changes} keyOf={(c) => c.id} columns={columns} label={t('changes.past')} />
    </section>
  )
}
