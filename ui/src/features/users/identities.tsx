import { Button, NativeSelect, Text, TextInput, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { has, useI18n, useMe } from '../../app/context'
import { AsyncState, Refused } from '../../parts/asyncstate'
import { FormRow, useForm } from '../../parts/form'
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
  const sources = useQuery({ queryKey: ['sources'], queryFn: sourcesApi.list })
  const form = useForm({
    empty: { source: '', value: '' },
    after: { value: '' },
    send: ({ source, value }) => usersApi.addIdentity(user.id, source, value.trim()),
  })
  return (
    <FormRow form={form} button={t('identities.add')}>
      <NativeSelect
        label={t('identities.source')}
        data={[
          { value: '', label: t('identities.everywhere') },
          ...(sources.data?.items ?? []).map(({ name }) => ({ value: name, label: name })),
        ]}
        {...form.text('source')}
      />
      <TextInput label={t('identities.value')} required maxLength={200} {...form.text('value')} />
    </FormRow>
  )
}
