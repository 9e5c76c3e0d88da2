import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Refused } from './asyncstate'
import type { Column } from './pages'

interface Options<T> {
  /** On each button, and above the column. */
  head: string
  /** What a button does to its row, for those who do not see the table. */
  label: (row: T) => string
  send: (row: T) => Promise<unknown>
  /** The name of the queries that are read again. */
  changes: string
}

/** What can be done to each row of a table: the column of its buttons, and why the last one was refused. */
export function useRowAction<T>({ head, label, send, changes }: Options<T>) {
  const queries = useQueryClient()
  const action = useMutation({
    mutationFn: send,
    onSettled: () => queries.invalidateQueries({ queryKey: [changes] }),
  })
  const column: Column<T> = {
    head,
    cell: (row) => (
      <Button size="xs" variant="default" aria-label={label(row)} onClick={() => action.mutate(row)}>
        {head}
      </Button>
    ),
  }
  const refused: ReactNode = action.error ? <Refused error={action.error} /> : null
  return { column, refused }
}
