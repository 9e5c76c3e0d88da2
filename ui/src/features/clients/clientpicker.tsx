import { Select } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Kind, Ref } from '../../api/types'
import { useI18n } from '../../app/context'
import { clientsApi } from './api'

interface Props {
  label: string
  placeholder?: string
  /** The kinds that can be chosen. */
  kinds: Kind[]
  /** The chosen client, null for none. */
  value: Ref | null
  onChange: (client: Ref | null) => void
  className?: string
}

/** Finds one client by name or number. */
export function ClientPicker({ label, placeholder, kinds, value, onChange, className }: Props) {
  const { t } = useI18n()
  const [search, setSearch] = useState('')
  const [q] = useDebouncedValue(search.trim(), 250)
  const found = useQuery({
    queryKey: ['pick', kinds, q],
    queryFn: () => find(kinds, q),
    enabled: q.length > 1,
    placeholderData: (old) => old,
  })
  const chosen = useQuery({
    queryKey: ['client', value?.kind, value?.id],
    queryFn: () => clientsApi.page(value!.kind as Kind, value!.id),
    enabled: value !== null,
  })
  const name = (kind: string, text: string) => (kinds.length > 1 ? `${text} · ${t(`kind.${kind as Kind}`)}` : text)

  const options = new Map((found.data ?? []).map((one) => [`${one.kind}:${one.id}`, name(one.kind, one.name)]))
  if (value && chosen.data) options.set(`${value.kind}:${value.id}`, name(value.kind, chosen.data.client.name))
  return (
    <Select
      label={label}
      placeholder={placeholder}
      className={className}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': t('app.cancel') }}
      value={value && `${value.kind}:${value.id}`}
      data={[...options].map(([key, text]) => ({ value: key, label: text }))}
      onSearchChange={setSearch}
      filter={({ options: all }) => all}
      nothingFoundMessage={q.length > 1 && !found.isFetching ? t('app.empty.search') : undefined}
      onChange={(key) => {
        const [kind, id] = (key ?? '').split(':')
        onChange(kind ? { kind, id: Number(id) } : null)
      }}
    />
  )
}

async function find(kinds: Kind[], q: string): Promise<Array<{ kind: Kind; id: number; name: string }>> {
  const pages = await Promise.all(kinds.map((kind) => clientsApi.list(kind, { q, limit: 8 })))
  return pages.flatMap(({ items }, i) =>
    items.map((row) => ({ kind: kinds[i]!, id: row.id, name: row.title || row.name })),
  )
}
