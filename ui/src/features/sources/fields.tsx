import { Button, Checkbox, NativeSelect, Stack, Textarea, TextInput } from '@mantine/core'
import type { ReactNode } from 'react'
import { useI18n } from '../../app/context'
import type { Faults } from '../../parts/faults'
import type { Dialect, Setting } from './api'
import { exampleQuery } from './lookupquery'
import { words } from './words'

interface Props {
  dialect: Dialect
  settings: Record<string, string>
  put: (setting: string, value: string) => void
  faults: Faults
}

/** What a setting may be about beside who the other side is, in the order of the page. */
const topics = ['calls', 'names', 'dial', 'fields', 'rare'] as const

/** The settings that say who the other side is. */
export function Connection({ dialect, ...rest }: Props) {
  return dialect.settings
    .filter(({ topic }) => topic === 'connection')
    .map((setting) => <Field key={setting.name} setting={setting} {...rest} />)
}

/** The other settings of a dialect under what they are about. `calls` are those of every source. */
export function Topics({ dialect, calls, ...rest }: Props & { calls: ReactNode }) {
  const { t } = useI18n(words)
  return topics.map((topic) => {
    const settings = dialect.settings.filter((setting) => setting.topic === topic)
    // A source that is asked reports no calls; where its numbers are at home stands under the rare settings.
    const isHome = topic === (dialect.speaks.answers ? 'rare' : 'calls')
    if (settings.length === 0 && !isHome) return null
    return (
      <fieldset key={topic} className="topic">
        <legend>{t(`sources.topic.${topic}`)}</legend>
        <Stack gap="sm">
          {settings.map((setting) => (
            <Field key={setting.name} setting={setting} {...rest} />
          ))}
          {isHome && calls}
        </Stack>
      </fieldset>
    )
  })
}

/** One setting. A secret comes veiled; sent back so, it stays as it is. What is as usual is not sent. */
function Field({
  setting: { name, kind, label, hint, usual, values, required },
  settings,
  put,
  faults,
}: Omit<Props, 'dialect'> & { setting: Setting }) {
  const i18n = useI18n(words)
  const value = settings[name] ?? ''
  if (kind === 'mapping') return null // it is edited beside the requests that it reads
  const common = {
    label: i18n.in(label),
    description: i18n.in(hint) || undefined,
    error: faults.at(`settings.${name}`),
  }
  if (kind === 'switch') {
    const on = value === '' ? usual === 'true' : value === 'true'
    return (
      <Checkbox
        {...common}
        checked={on}
        onChange={({ currentTarget: { checked } }) => put(name, checked === (usual === 'true') ? '' : String(checked))}
      />
    )
  }
  if (kind === 'choice') {
    const none = usual ? i18n.t('sources.usual', { value: usual }) : '—'
    return (
      <NativeSelect
        {...common}
        required={required}
        value={value}
        data={[{ value: '', label: none }, ...values.filter((one) => one !== usual)]}
        onChange={(e) => put(name, e.currentTarget.value)}
      />
    )
  }
  if (kind === 'query' || kind === 'lines') {
    const example = name === 'query' && value === '' ? exampleQuery(settings.engine) : ''
    return (
      <div>
        <Textarea
          {...common}
          autosize
          minRows={kind === 'query' ? 5 : 3}
          maxRows={24}
          spellCheck={false}
          autoComplete="off"
          required={required}
          styles={{ input: { fontFamily: 'monospace', fontSize: 13 } }}
          value={value}
          onChange={(e) => put(name, e.currentTarget.value)}
        />
        {example && (
          <Button variant="default" size="xs" mt={6} onClick={() => put(name, example)}>
            {i18n.t('sources.query.example')}
          </Button>
        )}
      </div>
    )
  }
  return (
    <TextInput
      {...common}
      type={kind === 'secret' ? 'password' : 'text'}
      autoComplete="off"
      required={required}
      placeholder={usual || undefined}
      value={value}
      onChange={(e) => put(name, e.currentTarget.value)}
    />
  )
}

/** Where the numbers of a source are at home. */
export function Home({
  country,
  area,
  put,
  faults,
}: {
  country: string
  area: string
  put: (change: { country?: string; area?: string }) => void
  faults: Faults
}) {
  const { t } = useI18n(words)
  return (
    <>
      <TextInput
        label={t('sources.country')}
        description={t('sources.country.hint')}
        autoComplete="off"
        maxLength={2}
        value={country}
        error={faults.at('country')}
        onChange={(e) => put({ country: e.currentTarget.value.toUpperCase() })}
      />
      <TextInput
        label={t('sources.area')}
        autoComplete="off"
        maxLength={10}
        value={area}
        error={faults.at('area')}
        onChange={(e) => put({ area: e.currentTarget.value })}
      />
    </>
  )
}
