import { NativeSelect, Title } from '@mantine/core'
import { useSearchParams } from 'react-router'
import { useI18n } from '../../app/context'
import { CallTable } from './calltable'
import { words } from './words'

const colors = ['red', 'yellow', 'blue', 'none', 'grey'] as const

/** The call journal. The filter lives in the address, so it can be sent to a colleague. */
export function Calls() {
  const { t } = useI18n(words)
  const [parameters, setParameters] = useSearchParams()
  const color = colors.find((one) => one === parameters.get('color')) ?? ''
  return (
    <div className="page">
      <Title order={1} mb="sm">
        {t('calls.title')}
      </Title>
      <div className="ask">
        <NativeSelect
          label={t('calls.color')}
          value={color}
          onChange={(e) => setParameters(e.currentTarget.value ? { color: e.currentTarget.value } : {})}
          data={[
            { value: '', label: t('calls.any_color') },
            ...colors.map((c) => ({ value: c, label: t(`color.${c}`) })),
          ]}
        />
      </div>
      <CallTable query={{ color }} label={t('calls.title')} />
    </div>
  )
}
