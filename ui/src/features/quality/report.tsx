import { Text, Title } from '@mantine/core'
import { Link, useParams } from 'react-router'
import { useI18n } from '../../app/context'
import { pretty } from '../../card/number'
import { ClientLink, Owner, StatusLabel } from '../../parts/links'
import { Missing } from '../../parts/missing'
import { type Column, Pages } from '../../parts/pages'
import { words as clientsWords } from '../clients/words'
import { type Flaw, qualityApi, type Report, reports } from './api'
import { words } from './words'

const texts = words.with(clientsWords)

/** One report, line by line, and the whole of it as a file. */
export function ReportPage() {
  const { t } = useI18n(texts)
  const { report } = useParams()
  const name = reports.find((one) => one === report)
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
const ofNumbers: Report[] = ['shared_numbers', 'leads_of_companies', 'unreadable_numbers']

function Lines({ name }: { name: Report }) {
  const { t, date } = useI18n(texts)
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
    { head: t('list.status'), cell: (flaw) => <StatusLabel status={flaw.status} />, minor: true },
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
