import { Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { useI18n } from '../../app/context'
import { AsyncState } from '../../parts/asyncstate'
import { qualityApi, reports } from './api'
import { words } from './words'

/** How much of what is wrong with the records, and the way to each list. */
export function Quality() {
  const { t, time } = useI18n(words)
  const answer = useQuery({ queryKey: ['quality'], queryFn: qualityApi.counts })
  return (
    <div className="page">
      <Title order={1}>{t('quality.title')}</Title>
      <Text className="quiet" mb="md">
        {t('quality.lead')}
      </Text>
      <AsyncState answer={answer}>
        {({ items, at, pending }) => (
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
              {t('quality.at', { time: time(at) })} {pending > 0 && t('quality.pending', { count: pending })}
            </Text>
          </>
        )}
      </AsyncState>
    </div>
  )
}
