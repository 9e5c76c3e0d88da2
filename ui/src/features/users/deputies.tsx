import { Button, Text, TextInput, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { has, useI18n, useMe } from '../../app/context'
import { AsyncState, Refused } from '../../parts/asyncstate'
import { FormFaults, useFaults } from '../../parts/formfaults'
import { moment } from '../../parts/moment'
import { type Deputy, type User, usersApi } from './api'
import { UserSelect, useUsers } from './userselect'
import { words } from './words'

/** Who stands in for a user, and when. */
export function Deputies({ user }: { user: User }) {
  const { t, time } = useI18n(words)
  const me = useMe()
  const queries = useQueryClient()
  const people = useUsers()
  const answer = useQuery({ queryKey: ['user', user.id, 'deputies'], queryFn: () => usersApi.deputies(user.id) })
  const remove = useMutation({
    mutationFn: (deputy: number) => usersApi.removeDeputy(user.id, deputy),
    onSuccess: () => queries.invalidateQueries(),
  })
  const nameOf = ({ deputy_id }: Deputy) => people.get(deputy_id)?.name ?? `#${deputy_id}`
  return (
    <section className="panel">
      <Title order={2} size="h4">
        {t('deputies.title')}
      </Title>
      <Text className="quiet" size="sm" mb="sm">
        {t('deputies.lead')}
      </Text>
      <AsyncState answer={answer}>
        {({ items }) =>
          items.length === 0 ? (
            <Text className="quiet">{t('deputies.none')}</Text>
          ) : (
            <ul className="bare lines">
              {items.map((one) => (
                <li key={one.id}>
                  <span>
                    <strong>{nameOf(one)}</strong>{' '}
                    <span className="quiet">
                      {time(one.from)} – {time(one.until)}, {t(`deputies.${stageOf(one, Date.now())}`)}
                    </span>
                  </span>
                  {has(me, 'admin') && (
                    <Button
                      size="xs"
                      variant="default"
                      aria-label={t('deputies.remove', { name: nameOf(one) })}
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

function stageOf({ from, until }: Deputy, now: number): 'later' | 'now' | 'past' {
  if (now < Date.parse(from)) return 'later'
  return now < Date.parse(until) ? 'now' : 'past'
}

function Add({ user }: { user: User }) {
  const { t } = useI18n(words)
  const queries = useQueryClient()
  const [deputy, setDeputy] = useState(0)
  const [from, setFrom] = useState('')
  const [until, setUntil] = useState('')
  const add = useMutation({
    mutationFn: () => usersApi.addDeputy(user.id, deputy, moment(from), moment(until)),
    onSuccess: async () => {
      setDeputy(0)
      await queries.invalidateQueries()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    add.mutate()
  }
  const faults = useFaults(add.error)
  return (
    <form onSubmit={submit}>
      <FormFaults of={faults} />
      <div className="ask flush">
        <UserSelect
          label={t('deputies.who')}
          nobody={t('deputies.choose')}
          value={deputy}
          error={faults.at('deputy_id')}
          onChange={setDeputy}
        />
        <TextInput
          type="datetime-local"
          label={t('deputies.from')}
          required
          value={from}
          error={faults.at('from')}
          onChange={(e) => setFrom(e.currentTarget.value)}
        />
        <TextInput
          type="datetime-local"
          label={t('deputies.until')}
          required
          value={until}
          error={faults.at('until')}
          onChange={(e) => setUntil(e.currentTarget.value)}
        />
        <Button type="submit" variant="default" disabled={!deputy} loading={add.isPending}>
          {t('deputies.add')}
        </Button>
      </div>
    </form>
  )
}
