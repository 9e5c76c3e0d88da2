import { Group, SegmentedControl, Stack, Text, TextInput, Title } from '@mantine/core'
import { useState } from 'react'
import type { Card, Color, Schema } from '../../api/types'
import { useI18n } from '../../app/context'
import type { I18nOf } from '../../i18n/i18n'
import { ShownCard } from '../../parts/links'
import { words as statusesWords } from '../statuses/words'
import type { Shade } from './api'
import { contrast, enough } from './contrast'
import type { DraftProps } from './draft'
import { words } from './words'

const texts = words.with(statusesWords)

const colors: Color[] = ['red', 'yellow', 'blue', 'none', 'grey']

/** The look of each colour, with the card that it makes and how well its words can be read. */
export function Colors({ draft, put, faults }: DraftProps) {
  const i18n = useI18n(texts)
  const { t } = i18n
  const [color, setColor] = useState<Color>('red')
  const shade = draft.palette[color]
  const paint = (change: Partial<Shade>) => put({ palette: { ...draft.palette, [color]: { ...shade, ...change } } })
  return (
    <section className="panel">
      <Title order={2} size="h4">
        {t('policy.colors')}
      </Title>
      <Text className="quiet" mb="sm">
        {t('policy.colors.lead')}
      </Text>
      <div className="twin">
        <Stack gap="sm">
          <SegmentedControl
            className="colorchoice"
            aria-label={t('policy.color')}
            value={color}
            onChange={(value) => setColor(value as Color)}
            transitionDuration={0}
            data={colors.map((value) => ({ value, label: t(`color.${value}`) }))}
          />
          <Hex
            label={t('policy.back')}
            value={shade.back}
            onChange={(back) => paint({ back })}
            fault={faults.at(`palette.${color}.back`)}
          />
          <Hex
            label={t('policy.ink')}
            value={shade.ink}
            onChange={(ink) => paint({ ink })}
            fault={faults.at(`palette.${color}.ink`)}
          />
          <Legibility shade={shade} />
          <ul className="bare">
            {colors
              .filter((other) => other !== color && tooWeak(draft.palette[other]))
              .map((other) => (
                <li key={other}>
                  <strong>{t(`color.${other}`)}.</strong> <Legibility shade={draft.palette[other]} />
                </li>
              ))}
          </ul>
        </Stack>
        <div>
          <Text fw={700} mb="xs">
            {t('policy.preview')}
          </Text>
          <ShownCard card={sample(color, shade, i18n)} />
        </div>
      </div>
    </section>
  )
}

function tooWeak({ back, ink }: Shade): boolean {
  const ratio = contrast(back, ink)
  return ratio !== null && ratio < enough
}

function Legibility({ shade }: { shade: Shade }) {
  const { t, lang } = useI18n(texts)
  const ratio = contrast(shade.back, shade.ink)
  if (ratio === null) return null
  // Rounded down: 4.49 must not be shown as 4.5.
  const shown = (Math.floor(ratio * 10) / 10).toLocaleString(lang)
  return tooWeak(shade) ? (
    <span className="warning" role="status">
      {t('policy.contrast.low', { ratio: shown })}
    </span>
  ) : (
    <span className="quiet">{t('policy.contrast', { ratio: shown })}</span>
  )
}

interface HexProps {
  label: string
  value: string
  onChange: (value: string) => void
  fault?: string
}

/** A colour as #RRGGBB, typed or chosen in the browser's own palette. */
function Hex({ label, value, onChange, fault }: HexProps) {
  const { t } = useI18n(texts)
  return (
    <Group gap="xs" align="flex-end" wrap="nowrap">
      <TextInput
        label={label}
        value={value}
        maxLength={7}
        error={fault}
        onChange={(e) => onChange(e.currentTarget.value)}
      />
      <input
        type="color"
        className="swatch"
        aria-label={t('policy.pick', { what: label })}
        value={/^#[0-9a-f]{6}$/i.test(value) ? value.toLowerCase() : '#000000'}
        onChange={(e) => onChange(e.currentTarget.value.toUpperCase())}
      />
    </Group>
  )
}

const whyOf: Record<Color, Schema<'Why'>> = {
  red: 'foreign_in_work',
  yellow: 'contact_no_company',
  blue: 'lead_only',
  none: 'own',
  grey: 'check_failed',
}

/** A card of the colour as the draft paints it. */
function sample(color: Color, shade: Shade, { t, why }: I18nOf<typeof texts>): Card {
  const owner = { id: 1, name: t('statuses.preview.owner'), extension: '101', active: true }
  const kind = color === 'blue' ? 'lead' : color === 'yellow' ? 'contact' : 'company'
  return {
    number: { raw: '+74950000011', e164: '+74950000011', kind: 'external', extension: '' },
    verdict: {
      color,
      why: whyOf[color],
      relation: color === 'none' ? 'own' : 'foreign',
      title: why(whyOf[color]),
      text: '',
      banner: false,
      row: '',
      policy: 0,
      decided_at: '',
      shade,
    },
    subject:
      color === 'grey'
        ? null
        : { kind, id: 0, name: t('statuses.preview.client'), owner, via: 'direct', since: '', url: '' },
    actions: color === 'red' ? ['pass_to_owner', 'open'] : [],
  }
}
