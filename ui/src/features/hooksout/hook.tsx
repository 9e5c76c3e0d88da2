import { Button, Group, NativeSelect, Text, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useNavigate, useParams } from 'react-router'
import { useI18n } from '../../app/context'
import { AsyncState, notify, Refused } from '../../parts/asyncstate'
import { type Column, Pages } from '../../parts/pages'
import { verbText } from '../journal/verbs'
import { words as sourcesWords } from '../sources/words'
import type { DeliveryState } from './api'
import { type Delivery, type HookOut as Hook, type HookOutState, hooksOutApi } from './api'
import { HookForm } from './form'
import { HookState } from './page'
import { Secret } from './secret'
import { words } from './words'

const texts = words.with(sourcesWords)

/** One subscription: what it is told, a test, and what became of its deliveries. */
export function HookPage() {
  const { t } = useI18n(texts)
  const id = Number(useParams().id)
  const hook = useQuery({ queryKey: ['hooks-out', id], queryFn: () => hooksOutApi.hook(id) })
  return (
    <div className="page">
      <Link to="/hooks-out">{t('hooks.back')}</Link>
      <AsyncState answer={hook}>{(data) => <Desk hook={data} />}</AsyncState>
    </div>
  )
}

function Desk({ hook }: { hook: HookOutState }) {
  const { t } = useI18n(texts)
  const [fresh, setFresh] = useState<(Hook & { secret: string }) | null>(null)
  return (
    <>
      <Title order={1}>{hook.name}</Title>
      <Text mb="md">
        <HookState hook={hook} />
      </Text>
      {fresh && <Secret of={fresh} done={() => setFresh(null)} />}
      <HookForm
        key={hook.version}
        hook={hook}
        send={(draft) => hooksOutApi.change(hook.id, draft, hook.version)}
        done={() => notify(t('app.saved'))}
      />
      <Deeds hook={hook} rotated={setFresh} />
      <Title order={2} size="h3" mb="xs">
        {t('hooks.deliveries')}
      </Title>
      <Deliveries hook={hook} />
    </>
  )
}

/** What can be done with a subscription besides changing it. */
function Deeds({
  hook: { id, dead },
  rotated,
}: {
  hook: HookOutState
  rotated: (hook: Hook & { secret: string }) => void
}) {
  const { t } = useI18n(texts)
  const queries = useQueryClient()
  const go = useNavigate()
  const [sure, setSure] = useState(false)
  const again = () => queries.invalidateQueries({ queryKey: ['hooks-out'] })
  const test = useMutation({ mutationFn: () => hooksOutApi.test(id), onSettled: again })
  const rotate = useMutation({ mutationFn: () => hooksOutApi.rotate(id), onSuccess: rotated })
  const replay = useMutation({
    mutationFn: () => hooksOutApi.replayDead(id),
    onSuccess: ({ replayed }) => notify(t('hooks.replayed', { count: replayed })),
    onSettled: again,
  })
  const remove = useMutation({
    mutationFn: () => hooksOutApi.remove(id),
    onSuccess: async () => {
      await go('/hooks-out')
      // The list only: what was here is not to be asked for any more.
      await queries.invalidateQueries({ queryKey: ['hooks-out'], exact: true })
    },
  })
  const error = test.error ?? rotate.error ?? replay.error ?? remove.error
  return (
    <section className="panel">
      <Group gap="xs">
        <Button loading={test.isPending} onClick={() => test.mutate()}>
          {t('hooks.test')}
        </Button>
        {dead > 0 && (
          <Button variant="default" loading={replay.isPending} onClick={() => replay.mutate()}>
            {t('hooks.replay.dead', { count: dead })}
          </Button>
        )}
        <Button
          variant="default"
          loading={rotate.isPending}
          title={t('source.rotate.hint')}
          onClick={() => rotate.mutate()}
        >
          {t('source.rotate')}
        </Button>
        {sure ? (
          <Button color="red.9" loading={remove.isPending} onClick={() => remove.mutate()}>
            {t('hooks.remove.yes')}
          </Button>
        ) : (
          <Button variant="default" onClick={() => setSure(true)}>
            {t('hooks.remove')}
          </Button>
        )}
      </Group>
      {test.data && (
        <Text mt="sm" role="status">
          <Outcome delivery={test.data} />
        </Text>
      )}
      {error ? <Refused error={error} /> : null}
    </section>
  )
}

/** What came of the last attempt, in a line. */
function Outcome({ delivery: { state, status, ms, error, detail } }: { delivery: Delivery }) {
  const { t, named } = useI18n(texts)
  const answered = status ? t('hooks.answered', { status, ms }) : ''
  return (
    <>
      <strong>{named('delivery', state)}</strong>{' '}
      {[error && error !== 'status' && named('delivery.error', error), answered, detail].filter(Boolean).join(' · ')}
    </>
  )
}

const states = ['', 'waiting', 'done', 'dead'] as const

function Deliveries({ hook: { id } }: { hook: HookOutState }) {
  const { t, lang, time, exact } = useI18n(texts)
  const queries = useQueryClient()
  const [state, setState] = useState<DeliveryState | ''>('')
  const replay = useMutation({
    mutationFn: (delivery: number) => hooksOutApi.replay(id, delivery),
    onSettled: () => queries.invalidateQueries({ queryKey: ['hooks-out'] }),
  })
  const columns: Column<Delivery>[] = [
    {
      head: t('hooks.when'),
      cell: ({ at }) => (
        <time dateTime={at} className="whole">
          {exact(at)}
        </time>
      ),
    },
    {
      head: t('hooks.what'),
      cell: ({ verb }) => (
        <>
          {verbText(lang, verb)} <code className="quiet">{verb}</code>
        </>
      ),
    },
    { head: t('hooks.outcome'), cell: (delivery) => <Outcome delivery={delivery} /> },
    {
      head: t('hooks.attempts'),
      cell: ({ attempts, due_at }) =>
        [attempts, due_at && t('hooks.due', { time: time(due_at) })].filter(Boolean).join(', '),
      minor: true,
    },
    {
      head: t('hooks.replay'),
      cell: (delivery) =>
        delivery.state !== 'waiting' && (
          <Button
            size="xs"
            variant="default"
            aria-label={`${t('hooks.replay')}: ${delivery.id}`}
            loading={replay.isPending && replay.variables === delivery.id}
            onClick={() => replay.mutate(delivery.id)}
          >
            {t('hooks.replay')}
          </Button>
        ),
    },
  ]
  return (
    <>
      <div className="ask">
        <NativeSelect
          label={t('hooks.state')}
          value={state}
          onChange={(e) => setState(states.find((one) => one === e.currentTarget.value) ?? '')}
          data={states.map((one) => ({ value: one, label: one ? t(`delivery.${one}`) : t('hooks.any') }))}
        />
      </div>
      {replay.error ? <Refused error={replay.error} /> : null}
      <Pages
        name="hooks-out"
        load={(wanted) => hooksOutApi.deliveries(id, wanted)}
        query={{ of: id, state }}
        columns={columns}
        keyOf={(delivery) => delivery.id}
        label={t('hooks.deliveries')}
        searched={state !== ''}
      />
    </>
  )
}
