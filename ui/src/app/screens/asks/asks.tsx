import { Button, Text, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type Ask, asksApi, type Permit } from '../../../api/asks'
import { useTongue } from '../../house'
import { ClientLink } from '../../parts/marks'
import { type Column, Pages, Rows } from '../../parts/pages'
import { Answered, Refused } from '../../parts/states'
import { Decision, Heading } from './decision'

/** What waits for the reader's decision, what he asked himself, the permits that hold, and what was decided. */
export function Asks() {
  const { t } = useTongue()
  const open = useQuery({
    queryKey: ['asks', 'open'],
    queryFn: () => asksApi.asks({ state: 'open', limit: 200 }),
    refetchInterval: 10_000,
  })
  return (
    <div className="page">
      <Title order={1}>{t('asks.title')}</Title>
      <Text className="quiet" mb="md">
        {t('asks.lead')}
      </Text>
      <Answered answer={open}>
        {({ items }) => {
          const mine = items.filter((ask) => !ask.may_decide)
          return (
            <>
              <Waiting asks={items.filter((ask) => ask.may_decide)} />
              {mine.length > 0 && <Mine asks={mine} />}
            </>
          )
        }}
      </Answered>
      <Permits />
      <Past />
    </div>
  )
}

function Waiting({ asks }: { asks: Ask[] }) {
  const { t } = useTongue()
  return (
    <section>
      <Title order={2} size="h3" mb="sm">
        {t('asks.waiting')}
      </Title>
      {asks.length === 0 ? (
        <Text className="quiet" mb="md">
          {t('asks.waiting.none')}
        </Text>
      ) : (
        <ul className="bare">
          {asks.map((ask) => (
            <li key={ask.id}>
              <Decision ask={ask} />
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

/** The reader's own open asks, which he can take back. */
function Mine({ asks }: { asks: Ask[] }) {
  const { t } = useTongue()
  const queries = useQueryClient()
  const takeBack = useMutation({
    mutationFn: (id: number) => asksApi.done(id, ''),
    onSettled: () => queries.invalidateQueries({ queryKey: ['asks'] }),
  })
  return (
    <section>
      <Title order={2} size="h3" mt="lg" mb="sm">
        {t('asks.mine')}
      </Title>
      {takeBack.error ? <Refused error={takeBack.error} /> : null}
      <ul className="bare">
        {asks.map((ask) => (
          <li key={ask.id} className="panel asking">
            <Heading ask={ask} />
            <Button variant="default" size="xs" loading={takeBack.isPending} onClick={() => takeBack.mutate(ask.id)}>
              {t('asks.take_back')}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** The permits that hold now, of those whom the reader heads, and his own. */
function Permits() {
  const { t, time } = useTongue()
  const queries = useQueryClient()
  const answer = useQuery({
    queryKey: ['asks', 'permits'],
    queryFn: () => asksApi.permits({ active: 'true', limit: 200 }),
    refetchInterval: 30_000,
  })
  const end = useMutation({
    mutationFn: asksApi.endPermit,
    onSettled: () => queries.invalidateQueries({ queryKey: ['asks'] }),
  })
  const columns: Column<Permit>[] = [
    { head: t('calls.agent'), cell: (permit) => <strong>{permit.agent.name}</strong> },
    {
      head: t('kind.company'),
      cell: ({ company }) => <ClientLink kind="company" id={company.id} name={company.name} />,
    },
    { head: t('client.owner'), cell: ({ owner }) => owner.name },
    {
      head: t('journal.until'),
      cell: ({ until }) => <span className="whole">{t('asks.until', { time: time(until) })}</span>,
    },
    { head: t('policy.version.who'), cell: ({ by }) => by.name },
    {
      head: t('asks.end'),
      cell: (permit) => (
        <Button
          size="xs"
          variant="default"
          aria-label={t('asks.end.of', { name: permit.agent.name })}
          onClick={() => end.mutate(permit.id)}
        >
          {t('asks.end')}
        </Button>
      ),
    },
  ]
  return (
    <section>
      <Title order={2} size="h3" mt="lg" mb="sm">
        {t('asks.permits')}
      </Title>
      {end.error ? <Refused error={end.error} /> : null}
      <Answered answer={answer}>
        {({ items }) =>
          items.length === 0 ? (
            <Text className="quiet">{t('asks.permits.none')}</Text>
          ) : (
            <Rows rows={items} columns={columns} keyOf={(permit) => permit.id} label={t('asks.permits')} />
          )
        }
      </Answered>
    </section>
  )
}

/** What was decided, the latest first. */
function Past() {
  const { t, time } = useTongue()
  const columns: Column<Ask>[] = [
    { head: t('calls.time'), cell: (ask) => <span className="whole">{time(ask.asked_at)}</span> },
    { head: t('asks.title'), cell: (ask) => <Heading ask={ask} /> },
    {
      head: t('calls.result'),
      cell: (ask) => (
        <>
          <strong className={`askmark ${ask.state}`}>{t(`asks.state.${ask.state}`)}</strong>{' '}
          {ask.decided_by && t('asks.by', { name: ask.decided_by.name })} {ask.answer}
        </>
      ),
    },
  ]
  return (
    <section>
      <Title order={2} size="h3" mt="lg" mb="sm">
        {t('asks.past')}
      </Title>
      <Pages name="asks" load={decided} query={{}} columns={columns} keyOf={(ask) => ask.id} label={t('asks.past')} />
    </section>
  )
}

async function decided(query: object) {
  const page = await asksApi.asks(query)
  return { ...page, items: page.items.filter((ask) => ask.state !== 'open') }
}
