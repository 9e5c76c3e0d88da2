import { Button, Group, NativeSelect, Space, Stack, Text, TextInput, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { Link } from 'react-router'
import { patterns } from '../../api/patterns'
import { useI18n } from '../../app/context'
import type { I18nOf } from '../../i18n/i18n'
import { AsyncState } from '../../parts/asyncstate'
import { FormFaults, useFaults } from '../../parts/formfaults'
import { type Connected, type Dialect, sourcesApi } from './api'
import { Connection, Home, Topics } from './fields'
import { Copied, ReturnAddress, Steps } from './steps'
import { words } from './words'

/** Connects a PBX or CRM; afterwards its secret and address stand here, this once. */
export function NewSource({ close }: { close: () => void }) {
  const dialects = useQuery({ queryKey: ['dialects'], queryFn: sourcesApi.dialects, staleTime: Infinity })
  const [made, setMade] = useState<Connected | null>(null)
  if (made) return <Made connected={made} />
  return (
    <AsyncState answer={dialects}>{({ items }) => <Form dialects={items} close={close} done={setMade} />}</AsyncState>
  )
}

const empty = { preset: '', secret: '', country: '', area: '', settings: {} as Record<string, string> }

function Form({
  dialects,
  close,
  done,
}: {
  dialects: Dialect[]
  close: () => void
  done: (connected: Connected) => void
}) {
  const i18n = useI18n(words)
  const { t } = i18n
  const queries = useQueryClient()
  const [name, setName] = useState('')
  const [chosen, setChosen] = useState('')
  const [draft, setDraft] = useState(empty)
  const dialect = dialects.find((d) => d.name === chosen)
  const presets = useQuery({ queryKey: ['mappingpresets'], queryFn: sourcesApi.presets, staleTime: Infinity })
  const preset = presets.data?.items.find((p) => p.name === draft.preset)
  const theirs = dialect?.secret_required === true || preset?.secret_required === true
  const add = useMutation({
    mutationFn: () => sourcesApi.add({ ...draft, name: name.trim(), dialect: chosen, secret: draft.secret.trim() }),
    onSuccess: async (connected) => {
      await queries.invalidateQueries({ queryKey: ['sources'] })
      done(connected)
    },
  })
  const faults = useFaults(add.error)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    add.mutate()
  }
  const choose = (next: string) => {
    setChosen(next)
    setDraft(empty)
    if (name === '' || name === chosen) setName(next)
  }
  const put = (change: Partial<typeof empty>) => setDraft({ ...draft, ...change })
  const fields = dialect && {
    dialect,
    settings: draft.settings,
    put: (setting: string, value: string) => put({ settings: { ...draft.settings, [setting]: value } }),
    faults,
  }
  return (
    <form onSubmit={submit} className="panel">
      <Stack gap="sm" maw={560}>
        <FormFaults of={faults} />
        <NativeSelect
          label={t('sources.dialect')}
          required
          autoFocus
          value={chosen}
          data={[{ value: '', label: t('sources.dialect.choose') }, ...grouped(dialects, i18n)]}
          error={faults.at('dialect')}
          onChange={(e) => choose(e.currentTarget.value)}
        />
        {fields && (
          <>
            <TextInput
              label={t('sources.name')}
              description={t('sources.name.hint')}
              required
              pattern={patterns.NewSource.name}
              title={t('sources.name.hint')}
              value={name}
              onChange={(e) => setName(e.currentTarget.value)}
              error={faults.at('name')}
            />
            {dialect.return_url && !draft.settings.token && <ReturnAddress of={dialect.return_url} />}
            {chosen === 'generic' && (
              <NativeSelect
                label={t('sources.preset')}
                description={preset && `${i18n.in(preset.about)} ${t('sources.preset.published')}`}
                value={draft.preset}
                data={[
                  { value: '', label: t('sources.preset.none') },
                  ...(presets.data?.items ?? []).map((p) => ({ value: p.name, label: i18n.in(p.title) })),
                ]}
                onChange={(e) => put({ preset: e.currentTarget.value })}
              />
            )}
            <Connection {...fields} />
            <TextInput
              label={t('sources.secret')}
              description={t(theirs ? 'sources.secret.theirs' : 'sources.secret.ours')}
              required={theirs}
              autoComplete="off"
              value={draft.secret}
              onChange={(e) => put({ secret: e.currentTarget.value })}
              error={faults.at('secret')}
            />
            <details className="more" open={add.isError || dialect?.speaks.answers || undefined}>
              <summary>{t('sources.more')}</summary>
              <Topics
                {...fields}
                calls={<Home country={draft.country} area={draft.area} put={put} faults={faults} />}
              />
            </details>
          </>
        )}
        <Group>
          <Button type="submit" loading={add.isPending}>
            {t('sources.connect')}
          </Button>
          <Button variant="default" onClick={close}>
            {t('app.cancel')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

/** The dialects by what people look for, in the order of their alphabet. */
function grouped(dialects: Dialect[], i18n: I18nOf<typeof words>) {
  const kindOf = ({ speaks }: Dialect) => (speaks.answers ? 'own' : speaks.crm ? 'crm' : speaks.calls ? 'pbx' : 'names')
  return (['pbx', 'crm', 'own', 'names'] as const).map((kind) => ({
    group: i18n.t(`sources.kind.${kind}`),
    items: dialects
      .filter((d) => kindOf(d) === kind)
      .map((d) => ({ value: d.name, label: i18n.in(d.title) }))
      .sort((a, b) => a.label.localeCompare(b.label, i18n.lang)),
  }))
}

/** A source that has just got a secret: a new one, or one that is rotated, whose page goes on when it is `done`. */
export function Made({
  connected: { source, secret, steps, files },
  done,
}: {
  connected: Connected
  done?: () => void
}) {
  const { t } = useI18n(words)
  return (
    <section className="panel" aria-live="polite">
      <Title order={2} size="h3" mb="xs">
        {t(done ? 'sources.rotated' : 'sources.made', { name: source.name })}
      </Title>
      {secret && (
        <>
          <Text>{t('sources.made.secret')}</Text>
          <Copied text={secret} loud />
          <Space h="lg" />
        </>
      )}
      <Steps of={{ steps, files }} />
      <Group mt="md">
        {done ? (
          <Button variant="default" onClick={done}>
            {t('sources.rotated.noted')}
          </Button>
        ) : (
          <Button component={Link} to={`/sources/${source.id}`} variant="default">
            {t('sources.made.open')}
          </Button>
        )}
      </Group>
    </section>
  )
}
