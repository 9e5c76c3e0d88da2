// Where a call from the screen stands, in words, until its card is there; it covers nothing that is to be pressed.

import { Button, CloseButton, Group } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { Card } from '../../../api/contract'
import { api } from '../../../api/routes'
import { pretty } from '../../../card/number'
import { useLive, useTongue } from '../../house'
import { VerdictLine } from '../marks'
import { say, wordsOf } from '../states'
import { awaited } from './awaited'
import { Handset } from './dialbutton'
import { type Deed, useDialler } from './dialling'

/** How long a PBX may say nothing of a call that it took, in milliseconds. */
const patience = 45_000

type Ringing = Extract<Deed, { at: 'ringing' }>

export function DialBar() {
  const { deed } = useDialler()
  return (
    <div className="dialplace">
      {/* The region is there before its words are, or they would not be read out. */}
      <div role="status">
        {deed?.at === 'checking' && <Bar words="dial.checking" number={deed.number} />}
        {deed?.at === 'ordering' && <Bar words="dial.ordering" number={deed.number} card={deed.card} />}
        {deed?.at === 'ringing' && <Rings deed={deed} />}
      </div>
      {deed?.at === 'failed' && <Failed deed={deed} />}
    </div>
  )
}

function Bar({ words, number, card }: { words: 'dial.checking' | 'dial.ordering'; number: string; card?: Card }) {
  const { t } = useTongue()
  return (
    <div className="dialbar">
      <Handset />
      <div>
        <strong>{t(words, { number: pretty(number) })}</strong>
        {card && (
          <div>
            <VerdictLine verdict={card.verdict} />
          </div>
        )}
      </div>
    </div>
  )
}

/** The reader's own telephone rings. When the card comes, it says the rest; a reason that was given before goes on it. */
function Rings({ deed }: { deed: Ringing }) {
  const tongue = useTongue()
  const { t } = tongue
  const { telephone, drop } = useDialler()
  const { cards } = useLive()
  const [late, setLate] = useState(false)
  const card = awaited(deed.dialled, deed.before, cards)
  const {
    dialled: { source, card: checked },
    number,
    reason,
  } = deed
  const extension = telephone?.extension ?? ''

  useEffect(() => {
    const timer = setTimeout(() => setLate(true), patience)
    return () => clearTimeout(timer)
  }, [])

  const arrived = card?.call?.id
  const wanted = Boolean(reason && card?.enforcement && !card.enforcement.reason)
  useEffect(() => {
    if (arrived === undefined) return
    drop()
    if (wanted)
      api.giveReason(arrived, reason).then(
        () => say(t('ask.noted')),
        (error: unknown) => say(wordsOf(error, tongue)),
      )
  }, [arrived]) // once for each card, whatever else changes meanwhile

  return (
    <div className="dialbar">
      <Handset />
      <div>
        <strong>{t(late ? 'dial.silent' : 'dial.ringing', { extension, number: pretty(number) })}</strong>
        <div>
          <VerdictLine verdict={checked.verdict} /> <span className="quiet">{t('dial.by', { source })}</span>
        </div>
      </div>
      <CloseButton aria-label={t('app.close')} onClick={drop} />
    </div>
  )
}

function Failed({ deed: { number, error } }: { deed: Extract<Deed, { at: 'failed' }> }) {
  const tongue = useTongue()
  const { t } = tongue
  const { call, drop } = useDialler()
  return (
    <div className="dialbar failed" role="alert">
      <Handset struck />
      <div>
        <strong>{t('dial.failed', { number: pretty(number) })}</strong>
        <div>{wordsOf(error, tongue)}</div>
        <Group gap="xs" mt={6}>
          <Button size="xs" variant="default" onClick={() => call(number)}>
            {t('app.again')}
          </Button>
        </Group>
      </div>
      <CloseButton aria-label={t('app.close')} onClick={drop} />
    </div>
  )
}
