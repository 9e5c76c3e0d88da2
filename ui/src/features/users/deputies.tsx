import { Button, Text, TextInput, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { has, useI18n, useMe } from '../../app/context'
import { AsyncState, Refused } from '../../parts/asyncstate'
import { FormRow, useForm } from '../../parts/form'
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
  const form = useForm({
    empty: { deputy_id: 0, from: '', until: '' },
    after: { deputy_id: 0 },
    send: ({ deputy_id, from, until }) => usersApi.addDeputy(user.id, deputy_id, moment(from), moment(until)),
  })
  const { deputy_id } = form.draft
  return (
    <FormRow form={form} button={t('deputies.add')} disabled={!deputy_id}>
      <UserSelect
        label={t('deputies.who')}
        nobody={t('deputies.choose')}
        value={deputy_id}
        error={form.faults.at('deputy_id')}
        onChange={(id) => form.put({ deputy_id: id })}
      />
      <TextInput type="datetime-local" label={t('deputies.from')} required {...form.text('from')} />
      <TextInput type="datetime-local" label={t('deputies.until')} required {...form.text('until')} />
    </FormRow>
  )
}
