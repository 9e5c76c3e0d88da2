import { Button, Group, Text, Title } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useParams } from 'react-router'
import type { SourceRequest } from '../../api/records'
import { api } from '../../api/routes'
import { useTongue } from '../house'
import { Answered, Refused, say } from '../parts/states'

/** The last requests of a source: what was understood, and why others were refused. */
export function SourceLog() {
  const { t } = useTongue()
  const id = Number(useParams().id)
  const sources = useQuery({ queryKey: ['sources'], queryFn: api.sources })
  const log = useQuery({ queryKey: ['sourcelog', id], queryFn: () => api.sourceLog(id), refetchInterval: 5000 })
  const test = useMutation({ mutationFn: () => api.testSource(id), onSuccess: () => say(t('source.test.done')) })
  const source = sources.data?.items.find((s) => s.id === id)
  return (
    <div className="page">
      <Group justify="space-between" mb="sm">
        <Title order={1}>{source ? `${source.name} · ${source.dialect}` : t('sources.title')}</Title>
        <Button loading={test.isPending} onClick={() => test.mutate()}>{t('source.test')}</Button>
      </Group>
      {test.error ? <Refused error={test.error} /> : null}
      <Title order={2} size="h3" mb="xs">{t('source.log')}</Title>
      <Answered answer={log}>
        {({ items }) => (items.length === 0 ? <Text className="quiet">{t('source.log.none')}</Text> : <ol className="log">{items.map((r) => <Line key={r.id} request={r} />)}</ol>)}
      </Answered>
    </div>
  )
}

function Line({ request }: { request: SourceRequest }) {
  const { t, exact, named } = useTongue()
  const { outcome } = request
  return (
    <li className={`logline ${outcome}`}>
      <div>
        <strong className="outcome">{named('source', outcome)}</strong> <time dateTime={request.at}>{exact(request.at)}</time>{' '}
        <code>{request.method} {request.path}</code>
      </div>
      {request.why && <div><strong>{request.why}</strong></div>}
      {request.understood && <div>{request.understood}</div>}
      {request.body && <details><summary>{t('source.raw')}</summary><pre>{request.body}</pre></details>}
    </li>
  )
}
