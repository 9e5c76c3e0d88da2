import { Button, NativeSelect, Switch, Text, TextInput, Title } from '@mantine/core'
import { useState } from 'react'
import { useI18n } from '../../app/context'
import { Rows } from '../../parts/pages'
import { useUsers } from '../users/userselect'
import type { MappedUser } from './api'
import type { MappingProps } from './draft'
import { words } from './words'

const step = 25

/** The employees of the CRM, and who each of them is here; those without a counterpart first. */
export function MappedUsers({ mapping, draft, put, faults }: MappingProps) {
  const { t } = useI18n(words)
  const { users } = mapping
  const unmatched = users.filter(({ user, active }) => !user && active).length
  const [search, setSearch] = useState('')
  const [alone, setAlone] = useState(false)
  const [shown, setShown] = useState(step)
  const wanted = search.trim().toLowerCase()
  const found = users
    .filter(({ user }) => !alone || !user)
    .filter(({ name, email, extension }) => `${name} ${email} ${extension}`.toLowerCase().includes(wanted))
    .sort((a, b) => Number(a.user !== null) - Number(b.user !== null) || Number(b.active) - Number(a.active))
  const choose = (id: string, ours: number | null) => put({ users: { ...draft.users, [id]: ours } })
  return (
    <section className="panel">
      <Title order={2} size="h4">
        {t('mapping.users')}
      </Title>
      <Text className="quiet" size="sm" mb="sm">
        {users.length === 0 ? t('mapping.users.later') : t('mapping.users.lead', { all: users.length, unmatched })}
      </Text>
      {users.length > 0 && (
        <>
          <div className="ask">
            <TextInput
              className="wide"
              type="search"
              label={t('app.search')}
              value={search}
              onChange={(e) => setSearch(e.currentTarget.value)}
            />
            <Switch
              label={t('mapping.users.alone')}
              checked={alone}
              onChange={(e) => setAlone(e.currentTarget.checked)}
            />
          </div>
          {found.length === 0 ? (
            <Text className="quiet">{t('app.empty.search')}</Text>
          ) : (
            <Rows
              rows={found.slice(0, shown)}
              keyOf={({ id }) => id}
              label={t('mapping.users')}
              columns={[
                { head: t('mapping.user.theirs'), cell: (user) => <Theirs user={user} /> },
                {
                  head: t('mapping.user.ours'),
                  cell: (user) => (
                    <Ours
                      user={user}
                      chosen={draft.users[user.id]}
                      choose={(ours) => choose(user.id, ours)}
                      error={faults.at(`users.${user.id}`)}
                    />
                  ),
                },
                { head: t('mapping.user.how'), cell: (user) => <How user={user} chosen={draft.users[user.id]} /> },
              ]}
            />
          )}
          {found.length > shown && (
            <Button variant="default" mt="md" onClick={() => setShown(shown + step)}>
              {t('app.more')}
            </Button>
          )}
        </>
      )}
    </section>
  )
}

function Theirs({ user: { name, email, extension, active, id } }: { user: MappedUser }) {
  const { t } = useI18n(words)
  return (
    <>
      <strong>{name || `#${id}`}</strong>
      {active ? '' : ` (${t('owner.left')})`}
      <div className="quiet">
        {[email, extension && `${t('owner.extension')} ${extension}`].filter(Boolean).join(' · ')}
      </div>
    </>
  )
}

/** Stands in the list for looking again. */
const look = 'look'

function How({ user, chosen }: Pick<OursProps, 'user' | 'chosen'>) {
  const { t } = useI18n(words)
  if (chosen === null) return <>{t('mapping.user.look')}</>
  return <>{t(`mapping.how.${chosen === undefined ? user.how : 'chosen'}`)}</>
}

interface OursProps {
  user: MappedUser
  /** Chosen again: null for "look for him", undefined for as it was. */
  chosen: number | null | undefined
  choose: (ours: number | null) => void
  error: string | undefined
}

function Ours({ user, chosen, choose, error }: OursProps) {
  const { t } = useI18n(words)
  const value = chosen === undefined ? (user.user?.id ?? 0) : chosen
  const people = [...useUsers().values()].filter((one) => one.active || one.id === value)
  const known = people.map((one) => ({ value: String(one.id), label: one.name }))
  // Beyond the first page of our people he is still who he is.
  if (user.user && !people.some(({ id }) => id === user.user!.id))
    known.push({ value: String(user.user.id), label: user.user.name })
  return (
    <NativeSelect
      aria-label={t('mapping.user.of', { name: user.name })}
      value={value === null ? look : String(value)}
      error={error}
      onChange={(e) => choose(e.currentTarget.value === look ? null : Number(e.currentTarget.value))}
      data={[
        ...(user.how === 'chosen' ? [{ value: look, label: t('mapping.user.look') }] : []),
        { value: '0', label: t('mapping.user.nobody') },
        ...known,
      ]}
    />
  )
}
