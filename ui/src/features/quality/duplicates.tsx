import { Badge, Button, NativeSelect, Group as Row, Text, Title } from '@mantine/core'
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { useI18n } from '../../app/context'
import { pretty } from '../../card/number'
import { AsyncState, notify, Refused } from '../../parts/asyncstate'
import { ClientLink, Owner, StatusLabel } from '../../parts/links'
import { type Duplicates as Group, qualityApi } from './api'
import { Merge } from './merge'
import { words } from './words'

const kinds = ['company', 'contact', 'lead'] as const

/** Leads have no name that would tell them apart. */
const reasonsOf = (kind: (typeof kinds)[number]) =>
  kind === 'lead' ? (['number', 'email'] as const) : (['number', 'email', 'name'] as const)

/** Records that may be one and the same, in groups, and the way to merge them. */
export function Duplicates() {
  const { t } = useI18n(words)
  const [address, setAddress] = useSearchParams()
  const kind = kinds.find((one) => one === address.get('kind')) ?? 'company'
  const reason = address.get('reason') ?? ''
  const [open, setOpen] = useState<Group | null>(null)
  const answer = useInfiniteQuery({
    queryKey: ['duplicates', kind, reason],
    queryFn: ({ pageParam }) => qualityApi.duplicates({ kind, reason, page_token: pageParam, limit: 50 }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_page_token || undefined,
  })
  const choose = (next: { kind?: string; reason?: string }) => setAddress({ kind, reason, ...next }, { replace: true })
  return (
    <div className="page">
      <Link to="/quality">{t('quality.back')}</Link>
      <Title order={1}>{t('duplicates.title')}</Title>
      <Text className="quiet" mb="md">
        {t('quality.duplicates.lead')}
      </Text>
      <div className="ask">
        <NativeSelect
          label={t('duplicates.kind')}
          value={kind}
          onChange={(e) => choose({ kind: e.currentTarget.value, reason: '' })}
          data={kinds.map((value) => ({ value, label: t(`duplicates.kind.${value}`) }))}
        />
        <NativeSelect
          label={t('duplicates.reason')}
          value={reason}
          onChange={(e) => choose({ reason: e.currentTarget.value })}
          data={[
            { value: '', label: t('duplicates.reason.any') },
            ...reasonsOf(kind).map((value) => ({ value, label: t(`duplicates.reason.${value}`) })),
          ]}
        />
      </div>
      <AsyncState answer={answer}>
        {({ pages }) => {
          const groups = pages.flatMap(({ items }) => items)
          if (groups.length === 0) return <Text className="quiet">{t('duplicates.none')}</Text>
          return (
            <>
              <ul className="bare">
                {groups.map((group) => (
                  <li key={`${group.reason} ${group.value}`}>
                    <Records group={group} merge={kind === 'lead' ? undefined : () => setOpen(group)} />
                  </li>
                ))}
              </ul>
              {answer.hasNextPage && (
                <Button
                  mt="md"
                  variant="default"
                  loading={answer.isFetchingNextPage}
                  onClick={() => void answer.fetchNextPage()}
                >
                  {t('app.more')}
                </Button>
              )}
            </>
          )
        }}
      </AsyncState>
      {open && kind !== 'lead' && <Merge kind={kind} records={open.records} close={() => setOpen(null)} />}
    </div>
  )
}

interface RecordsProps {
  group: Group
  /** Absent where the records cannot be merged: a lead is converted instead. */
  merge: (() => void) | undefined
}

function Records({ group: { reason, value, reasons, total, records }, merge }: RecordsProps) {
  const { t, date } = useI18n(words)
  const queries = useQueryClient()
  const dismiss = useMutation({
    mutationFn: () => qualityApi.notDuplicates(records.slice(0, 20)),
    onSuccess: async () => {
      notify(t('duplicates.dismissed'))
      await queries.invalidateQueries({ queryKey: ['duplicates'] })
    },
  })
  const written = (one: Group['reasons'][number]['reason'], text: string) => (one === 'number' ? pretty(text) : text)
  const title = t('duplicates.group', { reason: t(`duplicates.reason.${reason}`), value: written(reason, value) })
  const others = reasons.filter((one) => one.reason !== reason || one.value !== value)
  return (
    <section className="panel">
      <div className="grouphead">
        <Title order={2} size="h5">
          {title}
        </Title>
        <Row gap="xs" wrap="nowrap">
          {merge && (
            <Button size="xs" variant="default" aria-label={`${t('duplicates.merge')} ${title}`} onClick={merge}>
              {t('duplicates.merge')}
            </Button>
          )}
          <Button
            size="xs"
            variant="subtle"
            aria-label={`${t('duplicates.dismiss')}: ${title}`}
            loading={dismiss.isPending}
            onClick={() => dismiss.mutate()}
          >
            {t('duplicates.dismiss')}
          </Button>
        </Row>
      </div>
      {dismiss.error && <Refused error={dismiss.error} />}
      {others.length > 0 && (
        <Row gap={6} mb="xs">
          <Text size="sm">{t('duplicates.also')}</Text>
          {others.map((one) => (
            <Badge key={`${one.reason} ${one.value}`} variant="default" tt="none" fw={400}>
              {`${t(`duplicates.reason.${one.reason}`)}: ${written(one.reason, one.value)}`}
              {!one.all && ` ${t('duplicates.some')}`}
            </Badge>
          ))}
        </Row>
      )}
      <ul className="bare lines">
        {records.map((record) => (
          <li key={`${record.kind} ${record.id}`}>
            <span>
              {merge === undefined && <span className="quiet">{t(`kind.${record.kind}`)} </span>}
              <ClientLink kind={record.kind} id={record.id} name={record.name} />{' '}
              {record.status && <StatusLabel status={record.status} />}
            </span>
            <span className="quiet">
              <Owner owner={record.owner} /> · {date(record.updated_at)}
            </span>
          </li>
        ))}
      </ul>
      {total > records.length && (
        <Text className="quiet">{t('duplicates.more', { count: total - records.length })}</Text>
      )}
    </section>
  )
}
