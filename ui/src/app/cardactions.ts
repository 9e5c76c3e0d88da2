import { type RefCallback, useCallback, useEffect } from 'react'
import { useNavigate } from 'react-router'
import type { Card } from '../api/types'
import type { CardActionEvent } from '../card/card'
import { callsApi } from '../features/calls/api'
import { headRequestOf, useRequestDialog } from '../features/requests/dialogs'
import { words as requestsWords } from '../features/requests/words'
import type { I18nOf } from '../i18n/i18n'
import type { LiveCards } from '../livecards/livecards'
import { notify, wordsOf } from '../parts/asyncstate'
import { useI18n } from './context'

/** Where an action of a card leads inside the app; null when it is words, not a page. */
export function pathOf(action: string, card: Card): string | null {
  const number = encodeURIComponent(card.number.e164 || card.number.raw)
  if (action === 'open') return card.subject?.url ?? null
  if (action === 'create_lead') return `/leads/new?number=${number}`
  if (action === 'create_contact') return `/contacts/new?number=${number}`
  return null
}

/** What the agent is told to do by an action that happens on the phone. */
export function adviceOf(action: string, card: Card, { t }: I18nOf<typeof requestsWords>): string | null {
  const owner = card.subject?.owner
  if (!owner || action !== 'pass_to_owner') return null
  return owner.extension
    ? t('action.pass_to_owner', { owner: owner.name, extension: owner.extension })
    : t('action.pass_to_owner.no_extension', { owner: owner.name })
}

/** What pressing a card's button does in the app. */
function useAnswer(): (event: CardActionEvent) => void {
  const go = useNavigate()
  const i18n = useI18n(requestsWords)
  const ask = useRequestDialog()
  return useCallback(
    (event) => {
      const { action, card } = event.detail
      const path = pathOf(action, card)
      if (path?.startsWith('/')) {
        event.preventDefault()
        void go(path)
        return
      }
      const request = action === 'ask_head' || action === 'ask_permit' ? headRequestOf(card) : null
      if (request) {
        ask(request)
        return
      }
      const advice = adviceOf(action, card, i18n)
      if (advice) notify(advice)
    },
    [go, i18n, ask],
  )
}

/** Answers the buttons of the cards that are live. */
export function useCardActions(liveCards: LiveCards): void {
  const answer = useAnswer()
  useEffect(() => liveCards.onAction(answer), [liveCards, answer])
  useEffect(() => liveCards.onClose(notePutAway), [liveCards])
  const i18n = useI18n(requestsWords)
  useEffect(
    () =>
      liveCards.onReason(({ detail: { card, reason } }) => {
        if (card.call)
          callsApi.giveReason(card.call.id, reason).then(
            () => notify(i18n.t('request.noted')),
            (error: unknown) => notify(wordsOf(error, i18n)),
          )
      }),
    [liveCards, i18n],
  )
}

/** Closing the card of a call that goes on is allowed, but stays in the journal. */
function notePutAway({ call }: Card): void {
  if (!call?.id || call.state === 'ended') return
  // The reader has done nothing wrong: he is not bothered when the note is lost.
  callsApi.closeCard(call.id).catch((error: unknown) => console.warn('a closed card was not noted:', error))
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
