import { Button, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useMemo, useState } from 'react'
import { useSearchParams } from 'react-router'
import { Problem } from '../../api/client'
import { sessionApi } from '../../api/session'
import { useI18n } from '../../app/context'
import { FormFaults, useFaults } from '../../parts/formfaults'
import { PreferencesSwitch } from '../../parts/preferencesswitch'
import { words } from './words'

/** The sign-in page. After it the whole page loads again, so that the stream starts with the new cookie. */
export function SignIn() {
  const { t } = useI18n(words)
  const [login, setLogin] = useState('')
  const [password, setPassword] = useState('')
  // A one-time link that was refused leads here with the reason.
  const refused = useSearchParams()[0].get('error')
  const enter = useMutation({
    mutationFn: () => sessionApi.signIn(login.trim(), password),
    onSuccess: () => location.assign('/'),
  })
  const link = useMemo(() => refused && new Problem(401, refused), [refused])
  const faults = useFaults(enter.error, link)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    enter.mutate()
  }
  return (
    <main className="signin">
      <form onSubmit={submit}>
        <Stack>
          <span className="brand">
            <img src="/favicon.svg" alt="" width="32" height="32" /> Callhue
          </span>
          <Title order={1} size="h2">
            {t('signin.title')}
          </Title>
          <FormFaults of={faults} />
          <TextInput
            label={t('signin.login')}
            autoComplete="username"
            autoFocus
            required
            value={login}
            error={faults.at('login')}
            onChange={(e) => setLogin(e.currentTarget.value)}
          />
          <PasswordInput
            label={t('signin.password')}
            autoComplete="current-password"
            required
            value={password}
            error={faults.at('password')}
            onChange={(e) => setPassword(e.currentTarget.value)}
          />
          <Button type="submit" loading={enter.isPending}>
            {t('signin.button')}
          </Button>
          <Text size="sm" className="quiet">
            {t('signin.link')}
          </Text>
          <PreferencesSwitch />
        </Stack>
      </form>
    </main>
  )
}
