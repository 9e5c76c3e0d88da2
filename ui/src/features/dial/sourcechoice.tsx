import { NativeSelect } from '@mantine/core'
import { useI18n } from '../../app/context'
import { useDialler } from './context'
import { words } from './words'

/** Through which PBX calls go; nothing where there is no choice. */
export function SourceChoice() {
  const { t } = useI18n(words)
  const { telephone, source, choose } = useDialler()
  const sources = telephone?.sources ?? []
  if (telephone?.why || sources.length < 2) return null
  const nothing = source ? [] : [{ value: '', label: t('dial.through.choose') }]
  return (
    <NativeSelect
      size="xs"
      label={t('dial.through')}
      value={source}
      data={[...nothing, ...sources]}
      onChange={(e) => choose(e.currentTarget.value)}
    />
  )
}
