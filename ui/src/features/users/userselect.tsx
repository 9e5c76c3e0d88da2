import { NativeSelect } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useI18n } from '../../app/context'
import { type User, usersApi } from './api'

/** Our people by id. Empty until they are loaded. */
export function useUsers(): Map<number, User> {
  const { data } = useQuery({ queryKey: ['users'], queryFn: usersApi.all, staleTime: 60_000 })
  return useMemo(() => new Map(data?.items.map((user) => [user.id, user])), [data])
}

interface Props {
  label: string
  /** The words for nobody, whose id is 0. */
  nobody: string
  value: number
  onChange: (id: number) => void
  error?: string
  size?: string
}

/** Chooses one of the people who work here; someone who has left stays on the list only while he is chosen. */
export function UserSelect({ label, nobody, value, onChange, error, size = 'sm' }: Props) {
  const { t } = useI18n()
  const people = [...useUsers().values()].filter((user) => user.active || user.id === value)
  const name = (user: User) => `${user.name}${user.active ? '' : ` (${t('owner.left')})`}`
  return (
    <NativeSelect
      label={label}
      size={size}
      value={String(value)}
      error={error}
      onChange={(e) => onChange(Number(e.currentTarget.value))}
      data={[{ value: '0', label: nobody }, ...people.map((user) => ({ value: String(user.id), label: name(user) }))]}
    />
  )
}
