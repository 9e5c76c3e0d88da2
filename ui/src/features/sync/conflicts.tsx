import { Button, Checkbox, Group, Text } from '@mantine/core'
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Problem } from '../../api/client'
import { useI18n } from '../../app/context'
import { AsyncState, notify, Refused } from '../../parts/asyncstate'
import { ClientLink } from '../../parts/links'
import { type Conflict, type Resolution, type Resolved, syncApi } from './api'
import { Many } from './manyconflicts'
import { words } from './words'

/** The conflicts of a source: values of the CRM that were refused here, or cannot be accepted as they are. */
export function Conflicts({ id }: { id: number }) {
  const { t } = useI18n(words)
  const list = useInfiniteQuery({
    queryKey: ['sync', id, 'conflicts'],
    queryFn: ({ pageParam }) => syncApi.conflicts(id, { page_token: pageParam, limit: 50 }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_page_token || undefined,
  })
  return (
    <>
      <Text className="quiet" mb="md">
        {t('conflicts.lead')}
      </Text>
      <AsyncState answer={list}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items)
          return items.length === 0 ? <Text>{t('conflicts.none')}</Text> : <Listed source={id} items={items} />
        }}
      </AsyncState>
      {list.hasNextPage && (
        <Button variant="default" mt="md" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {t('app.more')}
        </Button>
      )}
    </>
  )
}

/** The list; one or many can be resolved, and each that failed shows why. */
function Listed({ source, items }: { source: number; items: Conflict[] }) {
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set())
  const [refused, setRefused] = useState<ReadonlyMap<number, Resolved>>(new Map())
  const choose = (id: number, on: boolean) => {
    const next = new Set(chosen)
    if (on) next.add(id)
    else next.delete(id)
    setChosen(next)
  }
  const done = (results: Resolved[]) => {
    setChosen(new Set())
    setRefused(new Map(results.filter((one) => !one.done).map((one) => [one.id, one])))
  }
  return (
    <>
      {items.length > 1 && <Many source={source} items={items} chosen={chosen} choose={setChosen} done={done} />}
      <ul className="bare">
        {items.map((one) => (
          <Line
            key={one.id}
            source={source}
            conflict={one}
            choice={items.length > 1 ? { on: chosen.has(one.id), put: (on) => choose(one.id, on) } : undefined}
            refused={refused.get(one.id)}
          />
        ))}
      </ul>
    </>
  )
}

interface LineProps {
  source: number
  conflict: Conflict
  /** Whether it is one of the chosen; undefined where there is nothing to choose from. */
  choice: { on: boolean; put: (on: boolean) => void } | undefined
  refused: Resolved | undefined
}

function Line({ source, conflict, choice, refused }: LineProps) {
  const { t, named, fault, time } = useI18n(words)
  const queries = useQueryClient()
  const { id, kind, their_id, their_url, record, what, code, ours, theirs, by, at } = conflict
  const resolve = useMutation({
    mutationFn: (resolution: Resolution) => syncApi[resolution](source, id),
    onSuccess: async (_, resolution) => {
      notify(t(resolution === 'accept' ? 'conflicts.accepted' : 'conflicts.dismissed'))
      await queries.invalidateQueries({ queryKey: ['sync', source] })
    },
  })
  const name = record?.name ?? `${t(`kind.${kind}`)} ${their_id}`
  const error = resolve.error ?? (refused && new Problem(409, refused.code, [], refused.args ?? {}))
  return (
    <li className="panel conflict">
      <Group justify="space-between" align="flex-start" gap="xs">
        <Group align="flex-start" gap="sm" wrap="nowrap">
          {choice && (
            <Checkbox
              aria-label={`${t('conflicts.choose')}: ${named('conflicts.what', what)}, ${name}`}
              checked={choice.on}
              onChange={(e) => choice.put(e.currentTarget.checked)}
            />
          )}
          <div>
            <strong>
              {named('conflicts.what', what)}:{' '}
              {record ? <ClientLink kind={record.kind} id={record.id} name={name} /> : name}
            </strong>
            <div className="quiet">{[by?.name, time(at)].filter(Boolean).join(', ')}</div>
          </div>
        </Group>
        {/^https?:\/\//.test(their_url) && (
          <a href={their_url} target="_blank" rel="noreferrer">
            {t('conflicts.there')}
          </a>
        )}
      </Group>
      <dl className="sides">
        <div>
          <dt>{t('conflicts.theirs')}</dt>
          <dd>{theirs || '—'}</dd>
        </div>
        <div>
          <dt>{t('conflicts.ours')}</dt>
          <dd>{ours || '—'}</dd>
        </div>
      </dl>
      <Text size="sm">{fault(code)}</Text>
      {error ? <Refused error={error} /> : null}
      <Group gap="xs">
        {what !== 'invalid' && (
          <Button
            size="xs"
            loading={resolve.isPending && resolve.variables === 'accept'}
            aria-label={`${t('conflicts.accept')}: ${name}`}
            onClick={() => resolve.mutate('accept')}
          >
            {t('conflicts.accept')}
          </Button>
        )}
        <Button
          size="xs"
          variant="default"
          loading={resolve.isPending && resolve.variables === 'dismiss'}
          aria-label={`${t('conflicts.dismiss')}: ${name}`}
          onClick={() => resolve.mutate('dismiss')}
        >
          {t('conflicts.dismiss')}
        </Button>
      </Group>
    </li>
  )
}
