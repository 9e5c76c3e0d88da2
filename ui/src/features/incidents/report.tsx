import { SegmentedControl, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useI18n } from '../../app/context'
import { AsyncState } from '../../parts/asyncstate'
import { ClientLink } from '../../parts/links'
import { type Column, Rows } from '../../parts/pages'
import { type Grouping, groupings, type IncidentCount, type IncidentQuery, incidentsApi } from './api'
import { words } from './words'

/** Incidents counted per agent, owner, company or day: a chart in the table itself, and the same as a file. */
export function Report({ query }: { query: IncidentQuery }) {
  const { t } = useI18n(words)
  const [by, setBy] = useState<Grouping>('agent')
  const answer = useQuery({
    queryKey: ['incidents', 'report', by, query],
    queryFn: () => incidentsApi.report(by, query),
    placeholderData: (old) => old,
  })
  return (
    <>
      <div className="ask">
        <SegmentedControl
          aria-label={t('incidents.by')}
          value={by}
          onChange={(value) => setBy(value as Grouping)}
          transitionDuration={0}
          data={groupings.map((value) => ({ value, label: t(`incidents.by.${value}`) }))}
        />
        <a href={incidentsApi.reportFile(by, query)} download>
          {t('incidents.csv')}
        </a>
      </div>
      <AsyncState answer={answer}>
        {({ items }) =>
          items.length === 0 ? <Text className="quiet">{t('incidents.none')}</Text> : <Counts rows={items} by={by} />
        }
      </AsyncState>
    </>
  )
}

function Counts({ rows, by }: { rows: IncidentCount[]; by: Grouping }) {
  const { t, date, duration } = useI18n(words)
  const most = Math.max(...rows.map(({ count }) => count))
  const columns: Column<IncidentCount>[] = [
    {
      head: t(`incidents.by.${by}`),
      cell: (row) =>
        by === 'company' ? (
          <ClientLink kind="company" id={row.id} name={row.name} />
        ) : (
          <strong className="whole">{by === 'day' ? date(row.key) : row.name}</strong>
        ),
    },
    { head: t('incidents.count'), cell: (row) => <Bar count={row.count} open={row.open} most={most} /> },
    { head: t('incidents.open'), cell: (row) => row.open },
    { head: t('incidents.talk'), cell: (row) => duration(row.talk_seconds) },
  ]
  return <Rows rows={rows} columns={columns} keyOf={(row) => row.key} label={t('incidents.report')} />
}

/** A bar as long as the count; its dark part is what nobody has looked at yet. */
function Bar({ count, open, most }: { count: number; open: number; most: number }) {
  const width = (n: number) => (most ? (100 * n) / most : 0)
  return (
    <div className="bar">
      <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
        <rect width={width(count)} height="10" className="all" />
        <rect width={width(open)} height="10" className="open" />
      </svg>
      <strong>{count}</strong>
    </div>
  )
}
