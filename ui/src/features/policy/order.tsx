import { Button, Group, NativeSelect, Stack, Text, Title } from '@mantine/core'
import { useState } from 'react'
import type { Kind } from '../../api/types'
import { useI18n } from '../../app/context'
import type { DraftProps } from './draft'
import { words } from './words'

const presets = {
  default: ['contact', 'company', 'lead'],
  bitrix24_classic: ['contact', 'lead', 'company'],
} satisfies Record<string, Kind[]>
const presetNames = ['default', 'bitrix24_classic'] as const

/** The kinds of record in the order in which they decide: by buttons, by dragging, or a preset. */
export function Order({ draft, put, faults }: DraftProps) {
  const { t } = useI18n(words)
  const [said, setSaid] = useState('')
  const [dragged, setDragged] = useState<Kind | null>(null)
  const { priority } = draft
  const preset = presetNames.find((name) => presets[name].join() === priority.join()) ?? ''
  const fault = faults.at('priority', 'priority.*')

  const move = (kind: Kind, place: number) => {
    if (place < 0 || place >= priority.length || priority[place] === kind) return
    const next = priority.filter((other) => other !== kind)
    next.splice(place, 0, kind)
    put({ priority: next })
    setSaid(t('policy.order.moved', { name: t(`kind.${kind}`), place: place + 1, count: priority.length }))
  }
  return (
    <section className="panel">
      <Title order={2} size="h4">
        {t('policy.order')}
      </Title>
      <Text className="quiet" mb="sm">
        {t('policy.order.lead')}
      </Text>
      <div className="twin">
        <ol className="order" aria-label={t('policy.order')}>
          {priority.map((kind, i) => (
            <li
              key={kind}
              draggable
              className={dragged === kind ? 'dragged' : ''}
              onDragStart={(e) => {
                e.dataTransfer.effectAllowed = 'move'
                setDragged(kind)
              }}
              onDragOver={(e) => {
                e.preventDefault()
                if (dragged) move(dragged, i)
              }}
              onDragEnd={() => setDragged(null)}
            >
              <span className="grip" aria-hidden="true">
                ⠿
              </span>
              <strong>
                {i + 1}. {t(`kind.${kind}`)}
              </strong>
              <Group gap={4} ml="auto">
                <Button
                  variant="default"
                  size="xs"
                  aria-label={t('policy.order.up', { name: t(`kind.${kind}`) })}
                  disabled={i === 0}
                  onClick={() => move(kind, i - 1)}
                >
                  ↑
                </Button>
                <Button
                  variant="default"
                  size="xs"
                  aria-label={t('policy.order.down', { name: t(`kind.${kind}`) })}
                  disabled={i === priority.length - 1}
                  onClick={() => move(kind, i + 1)}
                >
                  ↓
                </Button>
              </Group>
            </li>
          ))}
        </ol>
        <Stack gap="xs">
          <NativeSelect
            label={t('policy.preset')}
            value={preset}
            error={fault}
            onChange={(e) => {
              const chosen = presetNames.find((name) => name === e.currentTarget.value)
              if (chosen) put({ priority: presets[chosen] })
            }}
            data={[
              ...(preset ? [] : [{ value: '', label: t('policy.preset.own') }]),
              ...presetNames.map((name) => ({ value: name, label: t(`policy.preset.${name}`) })),
            ]}
          />
        </Stack>
      </div>
      <p role="status" className="unseen">
        {said}
      </p>
    </section>
  )
}
