import { Button, Checkbox, Group, NativeSelect, Stack, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { Role } from '../../api/types'
import { has, useI18n, useMe } from '../../app/context'
import { notify } from '../../parts/asyncstate'
import { FormFaults, useFaults } from '../../parts/formfaults'
import { type User, type UserDraft, usersApi } from './api'
import { useDepartments } from './departments'
import { words } from './words'

const roles: Role[] = ['agent', 'supervisor', 'admin', 'service', 'display']

interface Props {
  /** The user to change; without one a new user is made. */
  user?: User
  done: (saved: User) => void
}

/** Who a user is: name, login, roles, department, extensions, own phones, language. */
export function UserForm({ user, done }: Props) {
  const i18n = useI18n(words)
  const { t } = i18n
  const me = useMe()
  const queries = useQueryClient()
  const departments = useDepartments()
  const [draft, setDraft] = useState<UserDraft>(() => draftOf(user, i18n.lang))
  const [lists, setLists] = useState({ extensions: draft.extensions.join(', '), phones: draft.phones.join(', ') })
  const put = (change: Partial<UserDraft>) => setDraft({ ...draft, ...change })
  const save = useMutation({
    mutationFn: () => {
      const written = {
        ...draft,
        name: draft.name.trim(),
        login: draft.login.trim(),
        extensions: split(lists.extensions),
        phones: split(lists.phones),
      }
      return user ? usersApi.change(user.id, { ...written, version: user.version }) : usersApi.add(written)
    },
    onSuccess: async (saved) => {
      await queries.invalidateQueries()
      notify(t('app.saved'))
      done(saved)
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  const faults = useFaults(save.error)
  const toggle = (role: Role, on: boolean) =>
    put({ roles: roles.filter((one) => (one === role ? on : draft.roles.includes(one))) })
  return (
    <form onSubmit={submit} className="panel">
      <fieldset className="bareset" disabled={!has(me, 'admin')}>
        <Stack gap="sm">
          <FormFaults of={faults} />
          <TextInput
            label={t('users.name')}
            required
            value={draft.name}
            maxLength={200}
            error={faults.at('name')}
            onChange={(e) => put({ name: e.currentTarget.value })}
          />
          <TextInput
            label={t('users.login')}
            required
            value={draft.login}
            maxLength={100}
            error={faults.at('login')}
            autoComplete="off"
            onChange={(e) => put({ login: e.currentTarget.value })}
          />
          <Checkbox.Group label={t('users.roles')} value={draft.roles} error={faults.at('roles')}>
            <Group gap="md" mt={4}>
              {roles.map((role) => (
                <Checkbox
                  key={role}
                  value={role}
                  label={t(`role.${role}`)}
                  onChange={(e) => toggle(role, e.currentTarget.checked)}
                />
              ))}
            </Group>
          </Checkbox.Group>
          <NativeSelect
            label={t('users.department')}
            value={String(draft.department_id)}
            error={faults.at('department_id')}
            onChange={(e) => put({ department_id: Number(e.currentTarget.value) })}
            data={[
              { value: '0', label: t('users.no_department') },
              ...departments.map((one) => ({ value: String(one.id), label: one.name })),
            ]}
          />
          <TextInput
            label={t('users.extensions')}
            description={t('users.extensions.hint')}
            value={lists.extensions}
            error={faults.at('extensions')}
            onChange={(e) => setLists({ ...lists, extensions: e.currentTarget.value })}
          />
          <TextInput
            label={t('users.phones')}
            description={t('users.phones.hint')}
            value={lists.phones}
            error={faults.at('phones', 'phones.*')}
            onChange={(e) => setLists({ ...lists, phones: e.currentTarget.value })}
          />
          <NativeSelect
            label={t('users.language')}
            value={draft.language}
            error={faults.at('language')}
            onChange={(e) => put({ language: e.currentTarget.value })}
            data={[
              { value: 'ru', label: 'Русский' },
              { value: 'en', label: 'English' },
            ]}
          />
          {has(me, 'admin') && (
            <Group>
              <Button type="submit" loading={save.isPending}>
                {t('app.save')}
              </Button>
            </Group>
          )}
        </Stack>
      </fieldset>
    </form>
  )
}

function draftOf(user: User | undefined, lang: string): UserDraft {
  if (!user)
    return { login: '', name: '', roles: ['agent'], department_id: 0, extensions: [], phones: [], language: lang }
  const { login, name, roles: held, department_id, extensions, phones, language } = user
  return { login, name, roles: held, department_id, extensions, phones, language }
}

const split = (list: string): string[] =>
  list
    .split(/[,;\n]+/)
    .map((one) => one.trim())
    .filter(Boolean)
