// Where a call from the screen stands, in words, until its card is there; it covers nothing that is to be pressed.

import { Button, CloseButton, Group } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { Card } from '../../api/types'
import { useI18n, useLive } from '../../app/context'
import { pretty } from '../../card/number'
import { notify, wordsOf } from '../../parts/asyncstate'
import { VerdictLine } from '../../parts/links'
import { callsApi } from '../calls/api'
import { words as requestsWords } from '../requests/words'
import { awaited } from './awaited'
import { type DialState, useDialler } from './context'
import { Handset } from './handset'
import { words } from './words'

const texts = words.with(requestsWords)

/** How long a PBX may say nothing of a call that it took, in milliseconds. */
const patience = 45_000

type Ringing = Extract<DialState, { at: 'ringing' }>

export function DialBar() {
  const { state } = useDialler()
  return (
    <div className="dialplace">
      {/* The region is there before its words are, or they would not be read out. */}
      <div role="status">
        {state?.at === 'checking' && <Bar words="dial.checking" number={state.number} />}
        {state?.at === 'ordering' && <Bar words="dial.ordering" number={state.number} card={state.card} />}
        {state?.at === 'ringing' && <Rings state={state} />}
      </div>
      {state?.at === 'failed' && <Failed state={state} />}
    </div>
  )
}

function Bar({ words, number, card }: { words: 'dial.checking' | 'dial.ordering'; number: string; card?: Card }) {
  const { t } = useI18n(texts)
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
function Rings({ state }: { state: Ringing }) {
  const i18n = useI18n(texts)
  const { t } = i18n
  const { telephone, drop } = useDialler()
  const { cards } = useLive()
  const [late, setLate] = useState(false)
  const card = awaited(state.dialled, state.before, cards)
  const {
    dialled: { source, card: checked },
    number,
    reason,
  } = state
  const extension = telephone?.extension ?? ''

  useEffect(() => {
    const timer = setTimeout(() => setLate(true), patience)
    return () => clearTimeout(timer)
  }, [])

  const arrived = card?.call?.id
  const wanted = Boolean(reason && card?.enforcement && !card.enforcement.reason)
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each card, whatever else changes meanwhile
  useEffect(() => {
    if (arrived === undefined) return
    drop()
    if (wanted)
      callsApi.giveReason(arrived, reason).then(
        () => notify(t('request.noted')),
        (error: unknown) => notify(wordsOf(error, i18n)),
      )
  }, [arrived])

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

function Failed({ state: { number, error } }: { state: Extract<DialState, { at: 'failed' }> }) {
  const i18n = useI18n(texts)
  const { t } = i18n
  const { call, drop } = useDialler()
  return (
    <div className="dialbar failed" role="alert">
      <Handset struck />
      <div>
        <strong>{t('dial.failed', { number: pretty(number) })}</strong>
        <div>{wordsOf(error, i18n)}</div>
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
