import { Button, NativeSelect, Text, TextInput, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { has, useI18n, useMe } from '../../app/context'
import { AsyncState, Refused } from '../../parts/asyncstate'
import { FormFaults, useFaults } from '../../parts/formfaults'
import { sourcesApi } from '../sources/api'
import { type User, usersApi } from './api'
import { words } from './words'

/** What each source calls a user. */
export function Identities({ user }: { user: User }) {
  const { t } = useI18n(words)
  const me = useMe()
  const queries = useQueryClient()
  const answer = useQuery({ queryKey: ['user', user.id, 'identities'], queryFn: () => usersApi.identities(user.id) })
  const remove = useMutation({
    mutationFn: (identity: number) => usersApi.removeIdentity(user.id, identity),
    onSuccess: () => queries.invalidateQueries(),
  })
  return (
    <section className="panel">
      <Title order={2} size="h4">
        {t('identities.title')}
      </Title>
      <Text className="quiet" size="sm" mb="sm">
        {t('identities.lead')}
      </Text>
      <AsyncState answer={answer}>
        {({ items }) =>
          items.length === 0 ? (
            <Text className="quiet">{t('identities.none')}</Text>
          ) : (
            <ul className="bare lines">
              {items.map((one) => (
                <li key={one.id}>
                  <span>
                    <strong>{one.value}</strong>{' '}
                    <span className="quiet">{one.source || t('identities.everywhere')}</span>
                  </span>
                  {has(me, 'admin') && (
                    <Button
                      size="xs"
                      variant="default"
                      aria-label={t('identities.remove', { value: one.value })}
                      onClick={() => remove.mutate(one.id)}
                    >
                      ✕
                    </Button>
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </AsyncState>
      {remove.error ? <Refused error={remove.error} /> : null}
      {has(me, 'admin') && <Add user={user} />}
    </section>
  )
}

function Add({ user }: { user: User }) {
  const { t } = useI18n(words)
  const queries = useQueryClient()
  const sources = useQuery({ queryKey: ['sources'], queryFn: sourcesApi.list })
  const [source, setSource] = useState('')
  const [value, setValue] = useState('')
  const add = useMutation({
    mutationFn: () => usersApi.addIdentity(user.id, source, value.trim()),
    onSuccess: async () => {
      setValue('')
      await queries.invalidateQueries()
    },
  })
  const faults = useFaults(add.error)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    add.mutate()
  }
  return (
    <form onSubmit={submit}>
      <FormFaults of={faults} />
      <div className="ask flush">
        <NativeSelect
          label={t('identities.source')}
          value={source}
          error={faults.at('source')}
          onChange={(e) => setSource(e.currentTarget.value)}
          data={[
            { value: '', label: t('identities.everywhere') },
            ...(sources.data?.items ?? []).map(({ name }) => ({ value: name, label: name })),
          ]}
        />
        <TextInput
          label={t('identities.value')}
          required
          value={value}
          maxLength={200}
          error={faults.at('value')}
          onChange={(e) => setValue(e.currentTarget.value)}
        />
        <Button type="submit" variant="default" loading={add.isPending}>
          {t('identities.add')}
        </Button>
      </div>
    </form>
  )
}
