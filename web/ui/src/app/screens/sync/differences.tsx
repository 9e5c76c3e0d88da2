import { Button, Group, Text } from '@mantine/core'
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { syncApi, type Difference } from '../../../api/sync'
import { useTongue } from '../../house'
import { ClientLink } from '../../parts/marks'
import { Answered, Refused, say } from '../../parts/states'

/** What is not here as it is there, because it was refused or cannot be taken as it is. */
export function Differences({ id }: { id: number }) {
  const { t } = useTongue()
  const list = useInfiniteQuery({
    queryKey: ['sync', id, 'differences'],
    queryFn: ({ pageParam }) => syncApi.differences(id, { page_token: pageParam, limit: 50 }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_page_token || undefined,
  })
  return (
    <>
      <Text className="quiet" mb="md">{t('differences.lead')}</Text>
      <Answered answer={list}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items)
          if (items.length === 0) return <Text>{t('differences.none')}</Text>
          return <ul className="bare">{items.map((one) => <Line key={one.id} source={id} difference={one} />)}</ul>
        }}
      </Answered>
      {list.hasNextPage && <Button variant="default" mt="md" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>{t('app.more')}</Button>}
    </>
  )
}

function Line({ source, difference }: { source: number; difference: Difference }) {
  const { t, named, fault, time } = useTongue()
  const queries = useQueryClient()
  const { id, kind, their_id, their_url, record, what, code, ours, theirs, by, at } = difference
  const settle = useMutation({
    mutationFn: (deed: 'accept' | 'dismiss') => syncApi[deed](source, id),
    onSuccess: async (_, deed) => {
      say(t(deed === 'accept' ? 'differences.accepted' : 'differences.dismissed'))
      await queries.invalidateQueries({ queryKey: ['sync', source] })
    },
  })
  const name = record?.name ?? `${t(`kind.${kind}`)} ${their_id}`
  return (
    <li className="panel difference">
      <Group justify="space-between" align="flex-start" gap="xs">
        <div>
          <strong>{named('differences.what', what)}: {record ? <ClientLink kind={record.kind} id={record.id} name={name} /> : name}</strong>
          <div className="quiet">{[by?.name, time(at)].filter(Boolean).join(', ')}</div>
        </div>
        {/^https?:\/\//.test(their_url) && <a href={their_url} target="_blank" rel="noreferrer">{t('differences.there')}</a>}
      </Group>
      <dl className="sides">
        <div><dt>{t('differences.theirs')}</dt><dd>{theirs || '—'}</dd></div>
        <div><dt>{t('differences.ours')}</dt><dd>{ours || '—'}</dd></div>
      </dl>
      <Text size="sm">{fault(code)}</Text>
      {settle.error ? <Refused error={settle.error} /> : null}
      <Group gap="xs">
        {what !== 'invalid' && <Button size="xs" loading={settle.isPending && settle.variables === 'accept'} aria-label={`${t('differences.accept')}: ${name}`} onClick={() => settle.mutate('accept')}>{t('differences.accept')}</Button>}
        <Button size="xs" variant="default" loading={settle.isPending && settle.variables === 'dismiss'} aria-label={`${t('differences.dismiss')}: ${name}`} onClick={() => settle.mutate('dismiss')}>{t('differences.dismiss')}</Button>
      </Group>
    </li>
  )
}
