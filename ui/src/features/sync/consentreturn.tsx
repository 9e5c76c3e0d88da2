import { Anchor, Text, Title } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { Link, Navigate, useSearchParams } from 'react-router'
import { Problem } from '../../api/client'
import { useI18n } from '../../app/context'
import { Loading, Refused } from '../../parts/asyncstate'
import { syncApi } from './api'
import { type Outcome, outcomePage } from './consent'
import { words } from './words'

/** Where an account of amoCRM leads an administrator back to. What he brings is good once; then the source's page says how it went. */
export function ConsentReturn() {
  const { t } = useI18n(words)
  const queries = useQueryClient()
  const [query, setQuery] = useSearchParams()
  const [brought] = useState(() => ({
    state: query.get('state') ?? '',
    code: query.get('code') ?? '',
    referer: query.get('referer') ?? '',
    error: query.get('error') ?? '',
  }))
  const take = useMutation({ mutationFn: syncApi.takeConsent, onSettled: () => queries.invalidateQueries() })
  const taken = useRef(false)
  useEffect(() => {
    if (taken.current) return
    taken.current = true
    setQuery({}, { replace: true }) // nobody finds the code in the history of this browser
    take.mutate(brought)
  }, [brought, setQuery, take])
  if (take.data) return <Led outcome={{ given: take.data }} source={take.data.source_id} />
  const { error } = take
  const source = error instanceof Problem ? Number(error.args.source_id) : 0
  if (error instanceof Problem && source)
    return <Led outcome={{ refused: { status: error.status, code: error.code, args: error.args } }} source={source} />
  return (
    <div className="page">
      <Title order={1} mb="sm">
        {t('consent.title')}
      </Title>
      {error ? <Refused error={error} /> : <Loading />}
      {error ? (
        <Text>
          <Anchor component={Link} to="/sources">
            {t('consent.to_sources')}
          </Anchor>
        </Text>
      ) : null}
    </div>
  )
}

function Led({ outcome, source }: { outcome: Outcome; source: number }) {
  return <Navigate to={outcomePage(source)} replace state={{ consent: outcome }} />
}
