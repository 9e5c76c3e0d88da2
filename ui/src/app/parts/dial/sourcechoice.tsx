import { NativeSelect } from '@mantine/core'
import { useTongue } from '../../house'
import { useDialler } from './dialling'

/** Through which PBX calls go; nothing where there is no choice. */
export function SourceChoice() {
  const { t } = useTongue()
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
