// What the live stream has told us so far: my cards, without doubles and never
// going back in time. Pure; feed.ts brings the events.

import type { Card } from '../api/types'
import { cardKey, pendingKey } from '../card/key'

/** How many stream ids are remembered: the server repeats a few seconds, not more. */
const seenLimit = 1000
/** How many ended cards stay within reach. */
const endedLimit = 20

const rank: Record<NonNullable<Card['call']>['state'], number> = { ringing: 0, talking: 1, ended: 2 }

interface Place {
  card: Card
  /** When this place last changed, counted in changes of the board. */
  version: number
}

export class Board {
  #places = new Map<string, Place>()
  #dismissed = new Map<string, string>()
  #seen = new Set<string>()
  #version = 0

  /** Counts the changes; remember it before asking for a snapshot. */
  get version(): number {
    return this.#version
  }

  /** All cards, live ones first, the newest call first. */
  get cards(): Card[] {
    const cards = [...this.#places.values()].map((place) => place.card)
    return cards.sort((a, b) => ended(a) - ended(b) || (b.call?.id ?? 0) - (a.call?.id ?? 0))
  }

  /** Keys of the cards that their reader closed. */
  get dismissed(): string[] {
    return [...this.#dismissed.keys()]
  }

  /** Takes one event; `id` is the journal id. False when it brought nothing new. */
  hear(id: string, card: Card): boolean {
    if (id) {
      if (this.#seen.has(id)) return false
      this.#seen.add(id)
      if (this.#seen.size > seenLimit) this.#seen.delete(this.#seen.values().next().value!)
    }
    return this.#put(card)
  }

  /**
   * Takes the server's list of my live cards, asked for when the board was at
   * `since`. A live card that it does not name, and that has not changed
   * meanwhile, ended while we were cut off: it goes.
   */
  reconcile(live: Card[], since: number): void {
    const named = new Set(live.map(cardKey))
    for (const [key, place] of this.#places) {
      if (!ended(place.card) && !named.has(key) && place.version <= since) this.#drop(key)
    }
    for (const card of live) this.#put(card)
  }

  /** The reader closed the card; it comes back by itself only in another colour. */
  dismiss(key: string): void {
    const place = this.#places.get(key)
    if (place) this.#dismissed.set(key, place.card.verdict.color)
  }

  /** The reader wants a closed card back. */
  reopen(key: string): void {
    this.#dismissed.delete(key)
  }

  /** A grey card of a call that is not stored gives way to the stored one, and only moves that one's state. */
  #put(news: Card): boolean {
    const card = news.call?.id === 0 ? this.#onStored(news) : news
    if (card.call?.id) this.#places.delete(pendingKey(card))
    const key = cardKey(card)
    const old = this.#places.get(key)?.card
    if (old && older(card, old)) return false
    this.#places.set(key, { card, version: ++this.#version })
    const closedAs = this.#dismissed.get(key)
    if (closedAs !== undefined && closedAs !== card.verdict.color) this.#dismissed.delete(key)
    if (ended(card)) this.#forgetOldest()
    return true
  }

  #onStored(pending: Card): Card {
    for (const { card } of this.#places.values()) {
      if (card.call?.id && pendingKey(card) === pendingKey(pending)) {
        return { ...card, call: { ...card.call, state: pending.call!.state, ended_at: pending.call!.ended_at } }
      }
    }
    return pending
  }

  #forgetOldest(): void {
    const over = this.cards.filter((card) => ended(card)).slice(endedLimit)
    for (const card of over) this.#drop(cardKey(card))
  }

  #drop(key: string): void {
    this.#places.delete(key)
    this.#dismissed.delete(key)
    this.#version++
  }
}

function ended(card: Card): number {
  return card.call?.state === 'ended' ? 1 : 0
}

/** A call only moves forward; within one state the later decision counts. */
function older(next: Card, old: Card): boolean {
  const a = rank[next.call?.state ?? 'ringing']
  const b = rank[old.call?.state ?? 'ringing']
  return a !== b ? a < b : Date.parse(next.verdict.decided_at) < Date.parse(old.verdict.decided_at)
}
