// A list that grows: the pages of the API, one after the other.

import { Button, Group, Table, Text } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { Page } from '../api/types'
import { useI18n } from '../app/context'
import { AsyncState } from './asyncstate'

/** Rows that are asked for at a time: of a longer list most are never looked at, and each counts as read. */
const PAGE = 25

export interface Column<T> {
  head: string
  cell: (row: T) => ReactNode
  /** Left out on a narrow screen. */
  minor?: boolean
}

interface Props<T, Q> {
  name: string
  load: (query: Q & { page_token?: string; limit?: number }) => Promise<Page<T>>
  query: Q
  columns: Column<T>[]
  keyOf: (row: T) => string | number
  label: string
  searched?: boolean
  /** The words for an empty list; without them the usual ones. */
  none?: string
}

/** A table over a paged route. A changed `query` starts it again. */
export function Pages<T, Q extends object>({ name, load, query, columns, keyOf, label, searched, none }: Props<T, Q>) {
  const { t } = useI18n()
  const answer = useInfiniteQuery({
    queryKey: [name, query],
    queryFn: ({ pageParam }) => load({ ...query, page_token: pageParam, limit: PAGE }),
    initialPageParam: '',
    getNextPageParam: (last) => last.next_page_token || undefined,
    placeholderData: (old) => old,
  })
  return (
    <AsyncState answer={answer}>
      {(data) => {
        const rows = data.pages.flatMap((page) => page.items)
        if (rows.length === 0)
          return <Text className="quiet">{none ?? t(searched ? 'app.empty.search' : 'app.empty')}</Text>
        return (
          <>
            <Rows rows={rows} columns={columns} keyOf={keyOf} label={label} />
            {answer.hasNextPage && (
              <Group mt="md">
                <Button
                  variant="default"
                  loading={answer.isFetchingNextPage}
                  onClick={() => void answer.fetchNextPage()}
                >
                  {t('app.more')}
                </Button>
              </Group>
            )}
          </>
        )
      }}
    </AsyncState>
  )
}

/** A plain table; on a narrow screen its minor columns go, and nothing scrolls sideways but the table itself. */
export function Rows<T>({
  rows,
  columns,
  keyOf,
  label,
}: Pick<Props<T, object>, 'columns' | 'keyOf' | 'label'> & { rows: T[] }) {
  return (
    <div className="rows" role="region" aria-label={label} tabIndex={0}>
      <Table highlightOnHover verticalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            {columns.map((c) => (
              <Table.Th key={c.head} scope="col" className={c.minor ? 'minor' : ''}>
                {c.head}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={keyOf(row)}>
              {columns.map((c) => (
                <Table.Td key={c.head} className={c.minor ? 'minor' : ''}>
                  {c.cell(row)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  )
}
