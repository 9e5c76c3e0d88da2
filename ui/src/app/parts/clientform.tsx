import { Button, Group, NativeSelect, Stack, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { Kind } from '../../api/contract'
import type { Client, Phone } from '../../api/records'
import { api, type ClientDraft } from '../../api/routes'
import { useMe, useTongue } from '../house'
import { PersonSelect } from './people'
import { faultOf, Refused, say } from './states'

interface Props {
  kind: Kind
  /** The record to change; without it a new one is made, owned by the user. */
  client?: Client
  /** Phones that a new record starts with. */
  phones?: Phone[]
  done: (saved: Client) => void
}

const phoneKinds = ['work', 'mobile', 'home', 'fax', 'other'] as const

/** Name, owner, phones and e-mail of a client; the rest of a record stays as it is. */
export function ClientForm({ kind, client, phones: given = [], done }: Props) {
  const tongue = useTongue()
  const { t } = tongue
  const me = useMe()
  const queries = useQueryClient()
  const [name, setName] = useState(client?.title || client?.name || '')
  const [owner, setOwner] = useState(client ? client.owner_id : me.id)
  const [emails, setEmails] = useState((client?.emails ?? []).join(', '))
  const [phones, setPhones] = useState<Phone[]>(client?.phones ?? given)
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
      return client ? api.changeClient(kind, client.id, draft, client.version) : api.addClient(kind, draft)
    },
    onSuccess: async (saved) => {
      await queries.invalidateQueries()
      say(t('app.saved'))
      done(saved)
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  const wrong = (field: string) => faultOf(save.error, field, tongue)
  const put = (index: number, change: Partial<Phone>) =>
    setPhones(phones.map((p, i) => (i === index ? { ...p, ...change } : p)))
  return (
    <form onSubmit={submit} className="panel">
      <Stack gap="sm">
        <TextInput
          label={t(kind === 'lead' ? 'client.lead_title' : 'list.name')}
          required
          value={name}
          onChange={(e) => setName(e.currentTarget.value)}
          error={wrong(kind === 'lead' ? 'title' : 'name')}
          maxLength={300}
        />
        {phones.map((phone, i) => (
          <Group key={i} align="flex-end" gap="xs">
            <TextInput
              label={t('client.phone')}
              type="tel"
              value={phone.value}
              onChange={(e) => put(i, { value: e.currentTarget.value })}
              error={wrong(`phones.${i}.value`)}
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
        <PersonSelect label={t('client.owner')} nobody={t('client.no_owner')} value={owner} onChange={setOwner} />
        <TextInput
          label={t('client.emails')}
          value={emails}
          onChange={(e) => setEmails(e.currentTarget.value)}
          error={wrong('emails')}
        />
        {save.error ? <Refused error={save.error} marked={/^(name|title|emails|phones\.\d+\.value)$/} /> : null}
        <Group>
          <Button type="submit" loading={save.isPending}>
            {t('app.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
