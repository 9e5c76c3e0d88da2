import { Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from 'react-router'
import { type Flaw, type Report as Name, qualityApi, reports } from '../../../api/quality'
import { pretty } from '../../../card/number'
import { useTongue } from '../../house'
import { ClientLink, Owner, StatusMark } from '../../parts/marks'
import { Missing } from '../../parts/missing'
import { type Column, Pages } from '../../parts/pages'
import { Answered } from '../../parts/states'

/** How much of what is wrong with the records, and the way to each list. */
export function Quality() {
  const { t, time } = useTongue()
  const answer = useQuery({ queryKey: ['quality'], queryFn: qualityApi.counts })
  return (
    <div className="page">
      <Title order={1}>{t('quality.title')}</Title>
      <Text className="quiet" mb="md">
        {t('quality.lead')}
      </Text>
      <Answered answer={answer}>
        {({ items, at }) => (
          <>
            <ul className="tiles">
              {reports.map((name) => {
                const count = items.find(({ report }) => report === name)?.count ?? 0
                return (
                  <li key={name} className={count ? 'tile' : 'tile clean'}>
                    <Link to={`/quality/${name}`}>{t(`report.${name}`)}</Link>
                    <strong>{count}</strong>
                  </li>
                )
              })}
              <li className="tile">
                <Link to="/quality/duplicates">{t('quality.duplicates')}</Link>
                <Text size="sm" className="quiet">
                  {t('quality.duplicates.lead')}
                </Text>
              </li>
            </ul>
            <Text size="sm" className="quiet" mt="md">
              {t('quality.at', { time: time(at) })}
            </Text>
          </>
        )}
      </Answered>
    </div>
  )
}

/** One report, line by line, and the whole of it as a file. */
export function Report() {
  const { t } = useTongue()
  const name = reports.find((report) => report === useParams().report)
  if (!name) return <Missing />
  return (
    <div className="page">
      <Link to="/quality">{t('quality.back')}</Link>
      <Title order={1} mb="xs">
        {t(`report.${name}`)}
      </Title>
      <Text mb="md">
        <a href={qualityApi.file(name)} download>
          {t('quality.csv')}
        </a>
      </Text>
      <Lines name={name} />
    </div>
  )
}

/** Reports about numbers, and not about whole records. */
const ofNumbers: Name[] = ['shared_numbers', 'leads_of_companies', 'unreadable_numbers']

function Lines({ name }: { name: Name }) {
  const { t, date } = useTongue()
  const columns: Column<Flaw>[] = [
    ...(ofNumbers.includes(name)
      ? [{ head: t('quality.value'), cell: (flaw: Flaw) => <strong className="whole">{pretty(flaw.value)}</strong> }]
      : []),
    {
      head: t('quality.record'),
      cell: (flaw) => (
        <>
          <ClientLink kind={flaw.kind} id={flaw.id} name={flaw.name} />{' '}
          <span className="quiet">{t(`kind.${flaw.kind}`)}</span>
        </>
      ),
    },
    ...(name === 'leads_of_companies'
      ? [
          {
            head: t('quality.whose'),
            cell: ({ company }: Flaw) => company && <ClientLink kind="company" id={company.id} name={company.name} />,
          },
        ]
      : []),
    { head: t('list.owner'), cell: (flaw) => <Owner owner={flaw.owner} /> },
    { head: t('list.status'), cell: (flaw) => <StatusMark status={flaw.status} />, minor: true },
    { head: t('quality.changed'), cell: (flaw) => date(flaw.updated_at), minor: true },
  ]
  return (
    <Pages
      name={`quality-${name}`}
      load={(query: object) => qualityApi.report(name, query)}
      query={{}}
      columns={columns}
      keyOf={(flaw) => `${flaw.kind} ${flaw.id} ${flaw.value}`}
      label={t(`report.${name}`)}
      none={t('quality.clean')}
    />
  )
}
