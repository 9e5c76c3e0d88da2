import { Text, Title } from '@mantine/core'
import { useI18n } from '../../app/context'
import { Rows } from '../../parts/pages'
import type { Count } from './api'
import { words } from './words'

/** How many requests came, and what became of them. */
export function Counts({ of }: { of: Count[] }) {
  const { t, named, time } = useI18n(words)
  return (
    <section className="panel">
      <Title order={2} size="h4" mb="xs">
        {t('source.counts')}
      </Title>
      {of.length === 0 ? (
        <Text className="quiet">{t('source.counts.none')}</Text>
      ) : (
        <Rows
          rows={of}
          keyOf={({ outcome }) => outcome}
          label={t('source.counts')}
          columns={[
            { head: t('source.counts.what'), cell: ({ outcome }) => named('source.came', outcome) },
            ...(['day', 'week', 'ever'] as const).map((span) => {
              const head = t(`source.counts.${span}`)
              return {
                head,
                cell: (count: Count) => (
                  <>
                    <span className="narrowonly">{head}: </span>
                    {count[span]}
                  </>
                ),
              }
            }),
            {
              head: t('source.counts.last'),
              cell: ({ last_at }) => <time dateTime={last_at}>{time(last_at)}</time>,
              minor: true,
            },
          ]}
        />
      )}
    </section>
  )
}

/** How many of the requests of the last day were refused or not readable. */
export const refusedOf = (counts: Count[]): number =>
  requestsOf(counts.filter(({ outcome }) => outcome !== 'understood' && outcome !== 'ignored'))

/** How many requests came in the last day. */
export const requestsOf = (counts: Count[]): number => counts.reduce((sum, { day }) => sum + day, 0)
