import { Checkbox, TextInput } from '@mantine/core'
import type { Dialect } from '../../api/records'
import { useTongue } from '../house'

interface Props {
  dialect: Dialect
  settings: Record<string, string>
  put: (setting: string, value: string) => void
  wrong: (field: string) => string | undefined
}

/** Settings that are a yes or a no. */
const switches = new Set(['path_secret', 'ascii', 'route', 'show_calls', 'reject_do_not_call'])

/** The settings of a dialect. One that is a secret comes veiled; sent back so, it stays as it is. */
export function SettingFields({ dialect, settings, put, wrong }: Props) {
  const { named } = useTongue()
  return dialect.settings.map(({ name, help, secret }) => {
    const words = named('sources.setting', name)
    const label = words === name ? help : words
    return switches.has(name) ? (
      <Checkbox key={name} label={label} checked={settings[name] === 'true'} onChange={(e) => put(name, e.currentTarget.checked ? 'true' : '')} />
    ) : (
      <TextInput key={name} type={secret ? 'password' : 'text'} autoComplete="off" label={label} value={settings[name] ?? ''} onChange={(e) => put(name, e.currentTarget.value)} error={wrong(`settings.${name}`)} />
    )
  })
}
