import { type RefCallback, useCallback, useEffect } from 'react'
import { useNavigate } from 'react-router'
import type { Card } from '../../api/contract'
import { api } from '../../api/routes'
import type { CardActionEvent } from '../../card/card'
import type { Stage } from '../../stage/stage'
import { useTongue } from '../house'
import type { Tongue } from '../words/words'
import { useAsking, wishOf } from './asking'
import { say, wordsOf } from './states'

/** Where an action of a card leads inside the app; null when it is words, not a page. */
export function pathOf(action: string, card: Card): string | null {
  const number = encodeURIComponent(card.number.e164 || card.number.raw)
  if (action === 'open') return card.subject?.url ?? null
  if (action === 'create_lead') return `/leads/new?number=${number}`
  if (action === 'create_contact') return `/contacts/new?number=${number}`
  return null
}

/** What the agent is told to do by an action that happens on the phone. */
export function adviceOf(action: string, card: Card, { t }: Tongue): string | null {
  const owner = card.subject?.owner
  if (!owner || action !== 'pass_to_owner') return null
  return owner.extension
    ? t('action.pass_to_owner', { owner: owner.name, extension: owner.extension })
    : t('action.pass_to_owner.no_extension', { owner: owner.name })
}

/** What pressing a card's button does in the app. */
function useAnswer(): (event: CardActionEvent) => void {
  const go = useNavigate()
  const tongue = useTongue()
  const ask = useAsking()
  return useCallback(
    (event) => {
      const { action, card } = event.detail
      const path = pathOf(action, card)
      if (path?.startsWith('/')) {
        event.preventDefault()
        void go(path)
        return
      }
      const wish = action === 'ask_head' || action === 'ask_permit' ? wishOf(card) : null
      if (wish) {
        ask(wish)
        return
      }
      const advice = adviceOf(action, card, tongue)
      if (advice) say(advice)
    },
    [go, tongue, ask],
  )
}

/** Answers the buttons of the cards on the stage. */
export function useCardActions(stage: Stage): void {
  const answer = useAnswer()
  useEffect(() => stage.onAction(answer), [stage, answer])
  useEffect(() => stage.onClose(notePutAway), [stage])
  const tongue = useTongue()
  useEffect(
    () =>
      stage.onReason(({ detail: { card, reason } }) => {
        if (card.call)
          api.giveReason(card.call.id, reason).then(
            () => say(tongue.t('ask.noted')),
            (error: unknown) => say(wordsOf(error, tongue)),
          )
      }),
    [stage, tongue],
  )
}

/** Closing the card of a call that goes on is allowed, but stays in the journal. */
function notePutAway({ call }: Card): void {
  if (!call || call.state === 'ended') return
  // The reader has done nothing wrong: he is not bothered when the note is lost.
  api.putAway(call.id).catch((error: unknown) => console.warn('a closed card was not noted:', error))
}

/** Answers the buttons of the cards inside an element of a page: give it the returned ref. */
export function useLocalActions(): RefCallback<HTMLElement> {
  const answer = useAnswer()
  return useCallback(
    (element) => {
      if (!element) return
      const run = (event: Event) => answer(event as CardActionEvent)
      element.addEventListener('card-action', run)
      return () => element.removeEventListener('card-action', run)
    },
    [answer],
  )
}
