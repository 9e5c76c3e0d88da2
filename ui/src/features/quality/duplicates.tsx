import { Button, NativeSelect, Text, Title } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { useI18n } from '../../app/context'
import { pretty } from '../../card/number'
import { AsyncState } from '../../parts/asyncstate'
import { ClientLink, Owner, StatusLabel } from '../../parts/links'
import { type Duplicates as Group, qualityApi } from './api'
import { Merge } from './merge'
import { words } from './words'

const reasons = ['number', 'email', 'name'] as const

/** Records that may be one and the same, in groups, and the way to merge them. */
export function Duplicates() {
  const { t } = useI18n(words)
  const [address, setAddress] = useSearchParams()
  const kind = address.get('kind') === 'contact' ? 'contact' : 'company'
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
          onChange={(e) => choose({ kind: e.currentTarget.value })}
          data={(['company', 'contact'] as const).map((value) => ({ value, label: t(`duplicates.kind.${value}`) }))}
        />
        <NativeSelect
          label={t('duplicates.reason')}
          value={reason}
          onChange={(e) => choose({ reason: e.currentTarget.value })}
          data={[
            { value: '', label: t('duplicates.reason.any') },
            ...reasons.map((value) => ({ value, label: t(`duplicates.reason.${value}`) })),
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
                    <Records group={group} merge={() => setOpen(group)} />
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
      {open && <Merge kind={kind} records={open.records} close={() => setOpen(null)} />}
    </div>
  )
}

function Records({ group: { reason, value, total, records }, merge }: { group: Group; merge: () => void }) {
  const { t, date } = useI18n(words)
  const title = t('duplicates.group', {
    reason: t(`duplicates.reason.${reason}`),
    value: reason === 'number' ? pretty(value) : value,
  })
  return (
    <section className="panel">
      <div className="grouphead">
        <Title order={2} size="h5">
          {title}
        </Title>
        <Button size="xs" variant="default" aria-label={`${t('duplicates.merge')} ${title}`} onClick={merge}>
          {t('duplicates.merge')}
        </Button>
      </div>
      <ul className="bare lines">
        {records.map((record) => (
          <li key={record.id}>
            <span>
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
