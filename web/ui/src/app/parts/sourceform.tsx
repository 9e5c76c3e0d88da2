import { Anchor, Button, Group, NativeSelect, Stack, Text, TextInput, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { Link } from 'react-router'
import type { Connected, Dialect } from '../../api/records'
import { api } from '../../api/routes'
import { useTongue } from '../house'
import { SettingFields } from './settingfields'
import { Answered, faultOf, Refused } from './states'

/** Connects a PBX or CRM; afterwards its secret and address stand here, this once. */
export function SourceForm({ close }: { close: () => void }) {
  const dialects = useQuery({ queryKey: ['dialects'], queryFn: api.dialects, staleTime: Infinity })
  const [made, setMade] = useState<Connected | null>(null)
  if (made) return <Made connected={made} />
  return <Answered answer={dialects}>{({ items }) => <Form dialects={items} close={close} done={setMade} />}</Answered>
}

function Form({ dialects, close, done }: { dialects: Dialect[]; close: () => void; done: (connected: Connected) => void }) {
  const tongue = useTongue()
  const { t } = tongue
  const queries = useQueryClient()
  const [name, setName] = useState('')
  const [chosen, setChosen] = useState(dialects[0]?.name ?? '')
  const [secret, setSecret] = useState('')
  const [settings, setSettings] = useState<Record<string, string>>({})
  const dialect = dialects.find((d) => d.name === chosen)
  const add = useMutation({
    mutationFn: () => api.addSource({ name: name.trim(), dialect: chosen, secret: secret.trim(), settings }),
    onSuccess: async (connected) => {
      await queries.invalidateQueries({ queryKey: ['sources'] })
      done(connected)
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    add.mutate()
  }
  const wrong = (field: string) => faultOf(add.error, field, tongue)
  const put = (setting: string, value: string) => setSettings({ ...settings, [setting]: value })
  return (
    <form onSubmit={submit} className="panel">
      <Stack gap="sm" maw={560}>
        <TextInput label={t('sources.name')} description={t('sources.name.hint')} required autoFocus pattern="[a-z0-9][a-z0-9_\-]*" maxLength={64} value={name} onChange={(e) => setName(e.currentTarget.value)} error={wrong('name')} />
        <NativeSelect
          label={t('sources.dialect')} value={chosen} data={dialects.map((d) => ({ value: d.name, label: `${d.name} · ${d.title}` }))} error={wrong('dialect')}
          onChange={(e) => {
            setChosen(e.currentTarget.value)
            setSettings({})
          }}
        />
        <TextInput
          label={t('sources.secret')} description={t(dialect?.secret_required ? 'sources.secret.theirs' : 'sources.secret.ours')} required={dialect?.secret_required}
          autoComplete="off" value={secret} onChange={(e) => setSecret(e.currentTarget.value)} error={wrong('secret')}
        />
        {dialect && <SettingFields dialect={dialect} settings={settings} put={put} wrong={wrong} />}
        {dialect?.return_url && !settings.token && <ReturnAddress of={dialect.return_url} />}
        {add.error ? <Refused error={add.error} marked={/^(name|dialect|secret|settings\..+)$/} /> : null}
        <Group>
          <Button type="submit" loading={add.isPending}>{t('sources.connect')}</Button>
          <Button variant="default" onClick={close}>{t('app.cancel')}</Button>
        </Group>
      </Stack>
    </form>
  )
}

/** A source that has just got a secret: a new one, or one that is rotated, whose page goes on when it is `done`. */
export function Made({ connected: { source, secret, url, paste, files }, done }: { connected: Connected; done?: () => void }) {
  const { t } = useTongue()
  return (
    <section className="panel" aria-live="polite">
      <Title order={2} size="h3" mb="xs">{t(done ? 'sources.rotated' : 'sources.made', { name: source.name })}</Title>
      {secret && (
        <>
          <Text>{t('sources.made.secret')}</Text>
          <pre className="wrapped secret">{secret}</pre>
        </>
      )}
      <Paste source={{ url, paste, files }} />
      {done ? <Button variant="default" mt="md" onClick={done}>{t('sources.rotated.noted')}</Button> : <Button component={Link} to={`/sources/${source.id}`} variant="default" mt="md">{t('sources.made.open')}</Button>}
    </section>
  )
}

/** The address that has to be written into the integration. */
export function ReturnAddress({ of }: { of: string }) {
  const { t } = useTongue()
  return (
    <div>
      <Text size="sm" className="quiet">{t('consent.return')}</Text>
      <pre className="wrapped">{of}</pre>
    </div>
  )
}

/** What to enter on the other side. */
export function Paste({ source: { url, paste, files } }: { source: { url: string; paste: string[]; files: { name: string; text: string }[] } }) {
  const { t } = useTongue()
  return (
    <>
      <Text fw={700} mb="xs" mt="sm">{t('source.paste')}</Text>
      <pre className="wrapped">{[url, ...paste].filter((line, i, all) => all.indexOf(line) === i).join('\n')}</pre>
      {files.map(({ name, text }) => (
        <Anchor key={name} download={name} href={`data:text/xml;charset=utf-8,${encodeURIComponent(text)}`}>{t('source.file', { name })}</Anchor>
      ))}
    </>
  )
}
