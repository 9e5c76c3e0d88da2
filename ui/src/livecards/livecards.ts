// Where the live cards stand: one element with a <call-card> each. It plays
// before React is there; screens may lend it a place (`moveTo`), otherwise it
// stands in the corner over everything.

import type { Card } from '../api/types'
import type { CallCard, CardActionEvent, CardCloseEvent, CardReasonEvent } from '../card/card'
import { cardKey } from '../card/key'
import type { Lang } from '../card/words'
import type { Live } from '../live/live'

export type Place = 'corner' | 'page'

const title: Record<Lang, string> = { en: 'Calls now', ru: 'Звонки сейчас' }

export class LiveCards {
  readonly element: HTMLElement
  #home: HTMLElement
  #lang: Lang
  #shown = new Map<string, CallCard>()

  constructor(element: HTMLElement, lang: Lang) {
    this.element = element
    this.#home = element.parentElement!
    this.#lang = lang
    this.element.dataset.place = 'corner'
    this.element.setAttribute('aria-label', title[lang])
  }

  /** Shows the cards of the stream from now on; closing one closes it in all tabs of this browser. */
  follow(live: Live): void {
    this.element.addEventListener('card-close', (event) => {
      live.send({ type: 'dismiss', key: cardKey((event as CardCloseEvent).detail.card) })
    })
    const draw = () => this.#draw(live.state().cards, new Set(live.state().dismissed))
    live.subscribe(draw)
    draw()
  }

  /** Calls back for each action button pressed; `preventDefault` keeps the card's own link from being followed. */
  onAction(listener: (event: CardActionEvent) => void): () => void {
    const run = (event: Event) => listener(event as CardActionEvent)
    this.element.addEventListener('card-action', run)
    return () => this.element.removeEventListener('card-action', run)
  }

  /** Calls back when a reader says why he goes on with a call. */
  onReason(listener: (event: CardReasonEvent) => void): () => void {
    const run = (event: Event) => listener(event as CardReasonEvent)
    this.element.addEventListener('card-reason', run)
    return () => this.element.removeEventListener('card-reason', run)
  }

  /** Calls back for each card that its reader closed. */
  onClose(listener: (card: Card) => void): () => void {
    const run = (event: Event) => listener((event as CardCloseEvent).detail.card)
    this.element.addEventListener('card-close', run)
    return () => this.element.removeEventListener('card-close', run)
  }

  /** Stands in the given place of a page; null brings it back to the corner. */
  moveTo(host: HTMLElement | null): void {
    this.element.dataset.place = host ? 'page' : 'corner'
    if (host) host.append(this.element)
    else this.#home.prepend(this.element)
  }

  speak(lang: Lang): void {
    this.#lang = lang
    this.element.setAttribute('aria-label', title[lang])
    for (const card of this.#shown.values()) card.lang = lang
  }

  #draw(cards: Card[], dismissed: Set<string>): void {
    const wanted = cards.filter((card) => !dismissed.has(cardKey(card)))
    const keys = new Set(wanted.map(cardKey))
    for (const [key, element] of this.#shown) {
      if (!keys.has(key)) {
        element.remove()
        this.#shown.delete(key)
      }
    }
    wanted.forEach((card, index) => {
      const element = this.#shown.get(cardKey(card)) ?? this.#add(card)
      // Moving an element takes the focus from it, so only those out of order are moved.
      if (this.element.children[index] !== element)
        this.element.insertBefore(element, this.element.children[index] ?? null)
      if (element.card !== card && JSON.stringify(element.card) !== JSON.stringify(card)) element.card = card
    })
    this.element.hidden = wanted.length === 0
    this.element.dataset.live = String(wanted.some((card) => card.call?.state !== 'ended'))
  }

  #add(card: Card): CallCard {
    const element = document.createElement('call-card')
    element.lang = this.#lang
    this.#shown.set(cardKey(card), element)
    return element
  }
}
