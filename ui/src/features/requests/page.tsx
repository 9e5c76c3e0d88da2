import { Button, Text, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Paging } from '../../api/types'
import { useI18n } from '../../app/context'
import { AsyncState, Refused } from '../../parts/asyncstate'
import { ClientLink } from '../../parts/links'
import { PageHead } from '../../parts/listpage'
import { type Column, Pages, Rows } from '../../parts/pages'
import { useRowAction } from '../../parts/rowaction'
import { words as callsWords } from '../calls/words'
import { words as clientsWords } from '../clients/words'
import { words as journalWords } from '../journal/words'
import { words as policyWords } from '../policy/words'
import { type Permit, permitsApi, type Request, requestsApi } from './api'
import { Decision, Heading } from './decision'
import { words } from './words'

const texts = words.with(callsWords).with(clientsWords).with(journalWords).with(policyWords)

/** What waits for the reader's decision, what he asked himself, the permits that hold, and what was decided. */
export function Requests() {
  const { t } = useI18n(texts)
  const open = useQuery({
    queryKey: ['requests', 'open'],
    queryFn: () => requestsApi.list({ state: 'open', limit: 200 }),
    refetchInterval: 10_000,
  })
  return (
    <div className="page">
      <PageHead title={t('requests.title')} lead={t('requests.lead')} />
      <AsyncState answer={open}>
        {({ items }) => {
          const mine = items.filter((request) => !request.may_decide)
          return (
            <>
              <Waiting requests={items.filter((request) => request.may_decide)} />
              {mine.length > 0 && <Mine requests={mine} />}
            </>
          )
        }}
      </AsyncState>
      <Permits />
      <Past />
    </div>
  )
}

function Waiting({ requests }: { requests: Request[] }) {
  const { t } = useI18n(texts)
  return (
    <section>
      <Title order={2} size="h3" mb="sm">
        {t('requests.waiting')}
      </Title>
      {requests.length === 0 ? (
        <Text className="quiet" mb="md">
          {t('requests.waiting.none')}
        </Text>
      ) : (
        <ul className="bare">
          {requests.map((request) => (
            <li key={request.id}>
              <Decision request={request} />
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

/** The reader's own open asks, which he can take back. */
function Mine({ requests }: { requests: Request[] }) {
  const { t } = useI18n(texts)
  const queries = useQueryClient()
  const takeBack = useMutation({
    mutationFn: (id: number) => requestsApi.close(id, ''),
    onSettled: () => queries.invalidateQueries({ queryKey: ['requests'] }),
  })
  return (
    <section>
      <Title order={2} size="h3" mt="lg" mb="sm">
        {t('requests.mine')}
      </Title>
      {takeBack.error ? <Refused error={takeBack.error} /> : null}
      <ul className="bare">
        {requests.map((request) => (
          <li key={request.id} className="panel request">
            <Heading request={request} />
            <Button
              variant="default"
              size="xs"
              loading={takeBack.isPending}
              onClick={() => takeBack.mutate(request.id)}
            >
              {t('requests.take_back')}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** The permits in force: the reader's own, and those of the agents under them. */
function Permits() {
  const { t, time } = useI18n(texts)
  const answer = useQuery({
    queryKey: ['requests', 'permits'],
    queryFn: () => permitsApi.list({ active: true, limit: 200 }),
    refetchInterval: 30_000,
  })
  const end = useRowAction<Permit>({
    head: t('requests.end'),
    label: ({ agent }) => t('requests.end.of', { name: agent.name }),
    send: ({ id }) => permitsApi.end(id),
    changes: 'requests',
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
      cell: ({ until }) => <span className="whole">{t('requests.until', { time: time(until) })}</span>,
    },
    { head: t('policy.version.who'), cell: ({ by }) => by.name },
    end.column,
  ]
  return (
    <section>
      <Title order={2} size="h3" mt="lg" mb="sm">
        {t('requests.permits')}
      </Title>
      {end.refused}
      <AsyncState answer={answer}>
        {({ items }) =>
          items.length === 0 ? (
            <Text className="quiet">{t('requests.permits.none')}</Text>
          ) : (
            <Rows rows={items} columns={columns} keyOf={(permit) => permit.id} label={t('requests.permits')} />
          )
        }
      </AsyncState>
    </section>
  )
}

/** What was decided, the latest first. */
function Past() {
  const { t, time } = useI18n(texts)
  const columns: Column<Request>[] = [
    { head: t('calls.time'), cell: (request) => <span className="whole">{time(request.asked_at)}</span> },
    { head: t('requests.title'), cell: (request) => <Heading request={request} /> },
    {
      head: t('calls.result'),
      cell: (request) => (
        <>
          <strong className={`requestmark ${request.state}`}>{t(`requests.state.${request.state}`)}</strong>{' '}
          {request.decided_by && t('requests.by', { name: request.decided_by.name })} {request.answer}
        </>
      ),
    },
  ]
  return (
    <section>
      <Title order={2} size="h3" mt="lg" mb="sm">
        {t('requests.past')}
      </Title>
      <Pages
        name="requests"
        load={decided}
        query={{}}
        columns={columns}
        keyOf={(request) => request.id}
        label={t('requests.past')}
      />
    </section>
  )
}

const decided = (query: Paging) => requestsApi.list({ ...query, decided: true })
