import { Button, Group, NativeSelect, Stack, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { Kind } from '../../api/types'
import { useI18n, useMe } from '../../app/context'
import { notify } from '../../parts/asyncstate'
import { FormFaults, useFaults } from '../../parts/formfaults'
import { words as checkWords } from '../check/words'
import { UserSelect } from '../users/userselect'
import { type Client, type ClientDraft, clientsApi, type PhoneDraft } from './api'
import { words } from './words'

const texts = words.with(checkWords)

interface Props {
  kind: Kind
  /** The record to change; without it a new one is made, owned by the user. */
  client?: Client
  /** Phones that a new record starts with. */
  phones?: PhoneDraft[]
  done: (saved: Client) => void
}

const phoneKinds = ['work', 'mobile', 'home', 'fax', 'other'] as const

/** Name, owner, phones and e-mail of a client; the rest of a record stays as it is. */
export function ClientForm({ kind, client, phones: given = [], done }: Props) {
  const { t } = useI18n(texts)
  const me = useMe()
  const queries = useQueryClient()
  const [name, setName] = useState(client?.title || client?.name || '')
  const [owner, setOwner] = useState(client ? client.owner_id : me.id)
  const [emails, setEmails] = useState((client?.emails ?? []).join(', '))
  const [phones, setPhones] = useState<PhoneDraft[]>(client?.phones ?? given)
  const save = useMutation({
    mutationFn: () => {
      const draft: ClientDraft = {
        name: name.trim(),
        owner_id: owner,
        phones: phones
          .filter((p) => p.value.trim())
          .map(({ value, kind: use }) => ({ value: value.trim(), kind: use })),
        emails: emails.split(/[\s,;]+/).filter(Boolean),
      }
      return client ? clientsApi.change(kind, client.id, draft, client.version) : clientsApi.add(kind, draft)
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
  // Phones without a number are not sent: a fault names the place among those that were.
  const placeOf = (index: number) => phones.slice(0, index).filter((p) => p.value.trim()).length
  const put = (index: number, change: Partial<PhoneDraft>) =>
    setPhones(phones.map((p, i) => (i === index ? { ...p, ...change } : p)))
  return (
    <form onSubmit={submit} className="panel">
      <Stack gap="sm">
        <FormFaults of={faults} />
        <TextInput
          label={t(kind === 'lead' ? 'client.lead_title' : 'list.name')}
          required
          value={name}
          onChange={(e) => setName(e.currentTarget.value)}
          error={faults.at('name', 'title')}
          maxLength={300}
        />
        {phones.map((phone, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a phone that is being typed has no name but its place
          <Group key={i} align="flex-end" gap="xs">
            <TextInput
              label={t('client.phone')}
              type="tel"
              value={phone.value}
              onChange={(e) => put(i, { value: e.currentTarget.value })}
              error={faults.at(`phones.${placeOf(i)}.*`)}
            />
            <NativeSelect
              aria-label={t('check.number_kind')}
              value={phone.kind || 'work'}
              onChange={(e) => put(i, { kind: e.currentTarget.value })}
              data={phoneKinds.map((k) => ({ value: k, label: t(`phone.kind.${k}`) }))}
            />
            <Button
              variant="default"
              aria-label={t('client.phone.remove', { value: phone.value })}
              onClick={() => setPhones(phones.filter((_, at) => at !== i))}
            >
              ✕
            </Button>
          </Group>
        ))}
        <Group>
          <Button variant="default" size="xs" onClick={() => setPhones([...phones, { value: '', kind: 'work' }])}>
            {t('client.phone.add')}
          </Button>
        </Group>
        <UserSelect
          label={t('client.owner')}
          nobody={t('owner.none')}
          value={owner}
          error={faults.at('owner_id')}
          onChange={setOwner}
        />
        <TextInput
          label={t('client.emails')}
          value={emails}
          onChange={(e) => setEmails(e.currentTarget.value)}
          error={faults.at('emails', 'emails.*')}
        />
        <Group>
          <Button type="submit" loading={save.isPending}>
            {t('app.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
