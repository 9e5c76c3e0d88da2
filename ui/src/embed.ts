// /embed/card: the live cards alone, for an iframe in a CRM. `?ticket=` (one
// use) stands for the cookie, which browsers keep from foreign frames;
// `?lang=` chooses the language. The host page hears what happens by
// postMessage: { source: "callhue", event, color, state, call_id }.

import type { Card } from './api/types'
import './card/card'
import { type Lang, langOf } from './card/words'
import { Feed, type LiveState } from './live/feed'
import type { Live } from './live/live'
import { outside } from './live/outside'
import { LiveCards } from './livecards/livecards'

const parameters = new URLSearchParams(location.search)
const ticket = parameters.get('ticket')
const lang = langOf(parameters.get('lang') ?? navigator.language)
document.documentElement.lang = lang

const lost: Record<Lang, string> = {
  en: 'No connection: new calls are not shown. Reload the page.',
  ru: 'Нет связи: новые звонки не видны. Обновите страницу.',
}

const live = ownLive()
const liveCards = new LiveCards(document.getElementById('livecards')!, lang)
liveCards.follow(live)
liveCards.moveTo(document.getElementById('place'))
liveCards.onAction(({ detail }) => tellHost(`action:${detail.action}`, detail.card))
liveCards.element.addEventListener('card-close', (event) =>
  tellHost('close', (event as CustomEvent<{ card: Card }>).detail.card),
)

const sign = document.getElementById('sign')!
const draw = () => {
  const { connection, cards } = live.state()
  sign.textContent = connection === 'lost' || connection === 'signed_out' ? lost[lang] : ''
  if (cards[0]) tellHost('card', cards[0])
}
live.subscribe(draw)
draw()

/** Colour and state only: the host may be any page that the installation lets frame us, so no client's name goes out. */
function tellHost(event: string, card: Card): void {
  if (parent === window) return
  parent.postMessage(
    { source: 'callhue', event, color: card.verdict.color, state: card.call?.state, call_id: card.call?.call_id },
    '*',
  )
}

/** A stream of this frame's own: a ticket is for one, and a foreign frame shares no worker. */
function ownLive(): Live {
  const listeners = new Set<() => void>()
  const show = (next: LiveState) => {
    state = next
    for (const listener of listeners) listener()
  }
  const world = ticket
    ? {
        ...outside,
        openStream: () => new EventSource(`/api/v1/live?ticket=${encodeURIComponent(ticket)}`),
        loadCards: async () => [],
      }
    : outside
  let state: LiveState = { connection: 'connecting', lastEventAt: 0, cards: [], dismissed: [] }
  const feed = new Feed(world, show)
  state = feed.state
  return {
    state: () => state,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    send: (command) => feed.handle(command),
  }
}
