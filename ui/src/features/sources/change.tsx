import { Button, Group, Stack, Switch, Text, TextInput, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useNavigate } from 'react-router'
import { useI18n } from '../../app/context'
import { AsyncState, notify, Refused } from '../../parts/asyncstate'
import { FormFaults, useFaults } from '../../parts/formfaults'
import { type Connected, type Dialect, type Source, sourcesApi } from './api'
import { Connection, Home, Topics } from './fields'
import { hasTheirSecret } from './mappingdraft'
import { Made } from './new'
import { words } from './words'

/** Changes a source that is connected: its settings, whether it works, its secret; or takes it away. */
export function SourceChange({ source }: { source: Source }) {
  const dialects = useQuery({ queryKey: ['dialects'], queryFn: sourcesApi.dialects, staleTime: Infinity })
  const [fresh, setFresh] = useState<Connected | null>(null)
  if (fresh) return <Made connected={fresh} done={() => setFresh(null)} />
  return (
    <AsyncState answer={dialects}>
      {({ items }) => {
        const dialect = items.find(({ name }) => name === source.dialect)
        return (
          <>
            <Settings key={source.version} source={source} dialect={dialect} />
            <Secret
              id={source.id}
              theirs={dialect?.secret_required === true || hasTheirSecret(source.settings.mapping)}
              rotated={setFresh}
            />
            <Remove source={source} />
          </>
        )
      }}
    </AsyncState>
  )
}

function Settings({ source, dialect }: { source: Source; dialect: Dialect | undefined }) {
  const { t } = useI18n(words)
  const queries = useQueryClient()
  const [settings, setSettings] = useState(source.settings)
  const [home, setHome] = useState({ country: source.country, area: source.area })
  const [active, setActive] = useState(source.active)
  const save = useMutation({
    mutationFn: () => sourcesApi.change(source.id, { settings: filled(settings), ...home, active }, source.version),
    onSuccess: async () => {
      notify(t('app.saved'))
      await queries.invalidateQueries()
    },
  })
  const faults = useFaults(save.error)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  const fields = dialect && {
    dialect,
    settings,
    put: (name: string, value: string) => setSettings({ ...settings, [name]: value }),
    faults,
  }
  return (
    <form onSubmit={submit} className="panel">
      <Title order={2} size="h4" mb="sm">
        {t('source.settings')}
      </Title>
      <Stack gap="sm">
        <FormFaults of={faults} />
        <Switch label={t('source.active')} checked={active} onChange={(e) => setActive(e.currentTarget.checked)} />
        {fields && <Connection {...fields} />}
        {fields && (
          <Topics
            {...fields}
            calls={<Home {...home} put={(change) => setHome({ ...home, ...change })} faults={faults} />}
          />
        )}
        <Group>
          <Button type="submit" loading={save.isPending}>
            {t('app.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

/** Without those that are empty: an empty setting is none. */
const filled = (settings: Record<string, string>) =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== ''))

/** A new secret: one that we make, or `theirs`, which stands in the settings of the other side. */
function Secret({ id, theirs, rotated }: { id: number; theirs: boolean; rotated: (connected: Connected) => void }) {
  const { t } = useI18n(words)
  const [secret, setSecret] = useState('')
  const rotate = useMutation({ mutationFn: () => sourcesApi.rotate(id, secret.trim()), onSuccess: rotated })
  const faults = useFaults(rotate.error)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    rotate.mutate()
  }
  return (
    <form onSubmit={submit} className="panel">
      <Title order={2} size="h4">
        {t('sources.secret')}
      </Title>
      <Text className="quiet" size="sm" mb="sm">
        {t('source.rotate.hint')}
      </Text>
      <FormFaults of={faults} />
      <div className="ask flush">
        {theirs && (
          <TextInput
            className="wide"
            type="password"
            autoComplete="off"
            label={t('source.rotate.theirs')}
            required
            value={secret}
            error={faults.at('secret')}
            onChange={(e) => setSecret(e.currentTarget.value)}
          />
        )}
        <Button type="submit" variant="default" loading={rotate.isPending}>
          {t(theirs ? 'source.rotate.take' : 'source.rotate')}
        </Button>
      </div>
    </form>
  )
}

/** Taking a source away is asked about once more: what it is called by cannot be brought back. */
function Remove({ source }: { source: Source }) {
  const { t } = useI18n(words)
  const queries = useQueryClient()
  const go = useNavigate()
  const [sure, setSure] = useState(false)
  const remove = useMutation({
    mutationFn: () => sourcesApi.remove(source.id),
    onSuccess: async () => {
      await go('/sources')
      await queries.invalidateQueries({ queryKey: ['sources'] })
    },
  })
  if (!sure)
    return (
      <Button variant="default" onClick={() => setSure(true)}>
        {t('source.remove')}
      </Button>
    )
  return (
    <div className="inset">
      <Text mb="xs">{t('source.remove.sure', { name: source.name })}</Text>
      {remove.error ? <Refused error={remove.error} /> : null}
      <Group gap="xs">
        <Button size="xs" color="red.9" loading={remove.isPending} onClick={() => remove.mutate()}>
          {t('source.remove.yes')}
        </Button>
        <Button size="xs" variant="default" onClick={() => setSure(false)}>
          {t('app.cancel')}
        </Button>
      </Group>
    </div>
  )
}
