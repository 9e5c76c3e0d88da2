import { Button, Group, NativeSelect, Stack, Text, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useNavigate, useParams } from 'react-router'
import { has, useI18n, useMe } from '../../app/context'
import { AsyncState, notify, Refused } from '../../parts/asyncstate'
import { type User as UserRecord, usersApi } from './api'
import { Deputies } from './deputies'
import { UserForm } from './form'
import { Identities } from './identities'
import { words } from './words'

/** One of us: who he is, what the sources call him, who stands in for him, and how he signs in. */
export function UserPage() {
  const { t } = useI18n(words)
  const id = Number(useParams().id)
  const answer = useQuery({ queryKey: ['user', id], queryFn: () => usersApi.user(id) })
  return (
    <div className="page">
      <Link to="/users">{t('users.back')}</Link>
      <AsyncState answer={answer}>{(user) => <Sheet user={user} />}</AsyncState>
    </div>
  )
}

/** A new user; afterwards his page opens, where the rest is told. */
export function NewUser() {
  const { t } = useI18n(words)
  const go = useNavigate()
  return (
    <div className="page">
      <Link to="/users">{t('users.back')}</Link>
      <Title order={1} mb="sm">
        {t('users.new')}
      </Title>
      <UserForm done={(made) => void go(`/users/${made.id}`)} />
    </div>
  )
}

function Sheet({ user }: { user: UserRecord }) {
  const { t } = useI18n(words)
  const me = useMe()
  const admin = has(me, 'admin')
  return (
    <>
      <Title order={1} mb="sm">
        {user.name}
        {user.active ? '' : ` (${t('users.left')})`}
      </Title>
      {!admin && (
        <Text className="quiet" mb="sm">
          {t('users.readonly')}
        </Text>
      )}
      <div className="twin">
        <Stack gap={0}>
          <UserForm key={user.version} user={user} done={() => undefined} />
          {admin && user.active && <SignInLinkPanel user={user} />}
          {admin && <Employment user={user} />}
        </Stack>
        <Stack gap={0}>
          <Identities user={user} />
          <Deputies user={user} />
        </Stack>
      </div>
    </>
  )
}

const minutes = [15, 60, 1440] as const

/** Makes a link that signs the user in once; it is shown this once. */
function SignInLinkPanel({ user }: { user: UserRecord }) {
  const { t, time } = useI18n(words)
  const [lives, setLives] = useState<number>(60)
  const make = useMutation({ mutationFn: () => usersApi.link(user.id, lives) })
  return (
    <section className="panel">
      <Title order={2} size="h4" mb="xs">
        {t('users.link')}
      </Title>
      <div className="ask flush">
        <NativeSelect
          label={t('users.link.minutes')}
          value={String(lives)}
          onChange={(e) => setLives(Number(e.currentTarget.value))}
          data={minutes.map((value) => ({ value: String(value), label: t(`users.link.minutes.${value}`) }))}
        />
        <Button variant="default" loading={make.isPending} onClick={() => make.mutate()}>
          {t('users.link.make')}
        </Button>
      </div>
      {make.error ? <Refused error={make.error} /> : null}
      {make.data && (
        <div role="status">
          <Text mt="sm">{t('users.link.made', { name: user.name, until: time(make.data.until) })}</Text>
          <pre className="wrapped secret">{make.data.url}</pre>
        </div>
      )}
    </section>
  )
}

/** Dismisses the user, or takes him back. */
function Employment({ user }: { user: UserRecord }) {
  const { t } = useI18n(words)
  const queries = useQueryClient()
  const [sure, setSure] = useState(false)
  const move = useMutation({
    mutationFn: async () => {
      if (user.active) await usersApi.dismiss(user.id)
      else await usersApi.change(user.id, { active: true, version: user.version })
    },
    onSuccess: async () => {
      setSure(false)
      await queries.invalidateQueries()
      notify(t('app.saved'))
    },
  })
  return (
    <section className="panel">
      {sure ? (
        <div role="alertdialog" aria-label={t('users.dismiss')}>
          <Text mb="sm">{t('users.dismiss.sure', { name: user.name })}</Text>
          <Group>
            <Button color="red.9" loading={move.isPending} onClick={() => move.mutate()}>
              {t('users.dismiss.yes')}
            </Button>
            <Button variant="default" autoFocus onClick={() => setSure(false)}>
              {t('app.cancel')}
            </Button>
          </Group>
        </div>
      ) : (
        <Button
          variant="default"
          loading={move.isPending}
          onClick={() => (user.active ? setSure(true) : move.mutate())}
        >
          {t(user.active ? 'users.dismiss' : 'users.restore')}
        </Button>
      )}
      {move.error ? <Refused error={move.error} /> : null}
    </section>
  )
}
