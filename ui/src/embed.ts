// /embed/card: the live cards alone, for an iframe in a CRM. `?ticket=` (one use) stands for the cookie, which browsers
// keep from foreign frames; `?lang=` chooses the language. The host page hears what happens by postMessage:
// { source: "callhue", event, color, state, call_id }.

import type { Card } from './api/types'
import './card/card'
import { type Lang, langOf } from './card/words'
import { type Connection, Feed, type LiveState } from './live/feed'
import { type Door, type EmbedSession, framed } from './live/framed'
import type { Live } from './live/live'
import { outside } from './live/outside'
import { LiveCards } from './livecards/livecards'

const parameters = new URLSearchParams(location.search)
const ticket = parameters.get('ticket')
const lang = langOf(parameters.get('lang') ?? navigator.language)
document.documentElement.lang = lang

const signs: Record<Lang, Record<Connection | 'idle', string>> = {
  en: {
    connecting: '',
    open: '',
    idle: 'Waiting for a call',
    lost: 'No connection: new calls are not shown. Reconnecting…',
    signed_out: 'Not signed in. Open this page from your CRM again.',
  },
  ru: {
    connecting: '',
    open: '',
    idle: 'Ждём звонка',
    lost: 'Нет связи: новые звонки не видны. Подключаемся снова…',
    signed_out: 'Вход не выполнен. Откройте эту страницу из CRM заново.',
  },
}

const kept = 'callhue.pass'

const door: Door = {
  renew: async (request) => {
    const answer = await fetch('/api/v1/live/pass', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
    })
    if (answer.status === 401) return null
    if (!answer.ok) throw new Error(`POST /api/v1/live/pass: ${answer.status}`)
    return (await answer.json()) as EmbedSession
  },
  openStream: (streamTicket, last) =>
    new EventSource(
      `/api/v1/live?ticket=${encodeURIComponent(streamTicket)}${last ? `&last_event_id=${encodeURIComponent(last)}` : ''}`,
    ),
  // A browser that keeps everything from foreign frames keeps this too: then a reload needs a new ticket.
  readPass: (of) => {
    try {
      const [owner, pass] = JSON.parse(sessionStorage.getItem(kept) ?? '[]') as string[]
      return owner === of ? (pass ?? '') : ''
    } catch {
      return ''
    }
  },
  keepPass: (of, pass) => {
    try {
      sessionStorage.setItem(kept, JSON.stringify([of, pass]))
    } catch {
      // it lives as long as the page
    }
  },
  now: outside.now,
  every: outside.every,
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
  const idle = connection === 'open' && cards.length === 0
  sign.textContent = signs[lang][idle ? 'idle' : connection]
  sign.classList.toggle('idle', idle)
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

/** A stream of this frame's own: a foreign frame shares no worker. */
function ownLive(): Live {
  const listeners = new Set<() => void>()
  const show = (next: LiveState) => {
    state = next
    for (const listener of listeners) listener()
  }
  let state: LiveState = { connection: 'connecting', lastEventAt: 0, cards: [], dismissed: [] }
  const feed = new Feed(ticket ? framed(ticket, door) : outside, show)
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
