// <call-card>: the custom element. It keeps what its reader did to the card
// (folded, closed), announces it, and tells the page by events; view.ts draws.

import type { Action, Card } from '../api/types'
import { clock } from './clock'
import { h } from './dom'
import type { Hands } from './hands'
import { cardKey } from './key'
import { css } from './styles'
import { fullCard, paintOf, sentence, strip } from './view'
import { type Lang, langOf } from './words'

/** `card-action`: a button was pressed. Cancel it to keep a link from being followed. */
export type CardActionEvent = CustomEvent<{ action: Action; card: Card }>
/** `card-close` and `card-fold`: what the reader did; cancel `card-close` to keep the card. */
export type CardCloseEvent = CustomEvent<{ card: Card }>
export type CardFoldEvent = CustomEvent<{ card: Card; folded: boolean }>
/** `card-reason`: why the agent goes on although the card asks him. */
export type CardReasonEvent = CustomEvent<{ card: Card; reason: string }>

/**
 * Shows one Card. Give it as the property `card` (an object) or the attribute
 * `card` (JSON); `lang` chooses the labels, else the page's language counts. With
 * `away` the buttons that open a page of Callhue say so.
 * Events bubble out of shadow trees: `card-action`, `card-close`, `card-fold`, `card-reason`.
 * `data-color`, `data-state` and `data-call-id` are set on it, for the page's own styles and tests.
 */
export class CallCard extends HTMLElement {
  static readonly observedAttributes = ['card', 'lang', 'away']
  static #parsed: CSSStyleSheet | undefined

  #card: Card | null = null
  #root: ShadowRoot
  #body = h('div')
  #alert = h('div', { class: 'unseen', role: 'alert', 'aria-live': 'assertive' })
  #status = h('div', { class: 'unseen', role: 'status', 'aria-live': 'polite' })
  #said = ''
  /** null: the call decides (an ended one is folded); otherwise what the reader chose. */
  #folded: boolean | null = null
  #timer: ReturnType<typeof setInterval> | undefined

  constructor() {
    super()
    this.#root = this.attachShadow({ mode: 'open' })
    this.#root.adoptedStyleSheets = [CallCard.#sheet()]
    this.#root.append(this.#body, this.#alert, this.#status)
  }

  /** The Card on show, or null. Setting it repaints at once. */
  get card(): Card | null {
    return this.#card
  }

  set card(next: Card | null) {
    const same = next && this.#card && cardKey(next) === cardKey(this.#card)
    const ended = next?.call?.state === 'ended' && this.#card?.call?.state !== 'ended'
    if (!same) this.hidden = false
    if (!same || ended) this.#folded = null
    this.#card = next
    this.#render()
  }

  /** True while the card is one line: its call ended, or its reader minimised it. */
  get folded(): boolean {
    return this.#folded ?? this.#card?.call?.state === 'ended'
  }

  /** Brings a closed or folded card back in full. */
  reopen(): void {
    this.hidden = false
    this.#fold(false)
  }

  connectedCallback(): void {
    this.#render()
  }

  disconnectedCallback(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  attributeChangedCallback(name: string, _old: string | null, value: string | null): void {
    if (name === 'card') this.card = parse(value)
    else this.#render()
  }

  /** The stylesheet, parsed once for all cards of a page. */
  static #sheet(): CSSStyleSheet {
    if (!CallCard.#parsed) {
      CallCard.#parsed = new CSSStyleSheet()
      CallCard.#parsed.replaceSync(css)
    }
    return CallCard.#parsed
  }

  get #lang(): Lang {
    return langOf(this.getAttribute('lang') ?? this.closest('[lang]')?.getAttribute('lang') ?? navigator.language)
  }

  #hands: Hands = {
    act: (action, event) => {
      if (this.#card && !this.#tell('card-action', { action, card: this.#card })) event.preventDefault()
    },
    reason: (text) => {
      if (this.#card) this.#tell('card-reason', { card: this.#card, reason: text })
    },
    fold: (folded) => this.#fold(folded),
    away: this.hasAttribute('away'),
    close: () => {
      if (this.#card && this.#tell('card-close', { card: this.#card })) this.hidden = true
    },
  }

  #fold(folded: boolean): void {
    this.#folded = folded
    this.#render()
    const next = this.#root.querySelector<HTMLElement>(folded ? '[data-key=expand]' : '[data-key=minimise]')
    next?.focus({ preventScroll: true })
    if (this.#card) this.#tell('card-fold', { card: this.#card, folded })
  }

  #tell(name: string, detail: object): boolean {
    return this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true, cancelable: true }))
  }

  #render(): void {
    const card = this.#card
    if (!this.isConnected) return
    this.#hands.away = this.hasAttribute('away')
    if (!card) {
      this.#body.replaceChildren()
      return
    }
    Object.assign(this.dataset, {
      color: paintOf(card),
      state: card.call?.state ?? '',
      callId: card.call?.call_id ?? '',
    })
    const focused = this.#root.activeElement?.getAttribute('data-key')
    const open = this.#root.querySelector('details')?.open ?? false
    const typed = this.#root.querySelector<HTMLInputElement>('[name=reason]')?.value ?? ''
    const view = this.folded ? strip(card, this.#lang, this.#hands) : fullCard(card, this.#lang, this.#hands)
    this.#body.replaceChildren(view)
    const details = this.#root.querySelector('details')
    if (details) details.open = open
    const field = this.#root.querySelector<HTMLInputElement>('[name=reason]')
    if (field) field.value = typed
    if (focused) this.#root.querySelector<HTMLElement>(`[data-key=${focused}]`)?.focus({ preventScroll: true })
    this.#announce(card)
    this.#runClock(card)
  }

  /** Red interrupts what a screen reader says; the rest waits for its turn. Repaints of the same verdict are silent. */
  #announce(card: Card): void {
    const said = `${cardKey(card)} ${paintOf(card)} ${sentence(card, this.#lang)}`
    if (said === this.#said) return
    this.#said = said
    const red = paintOf(card) === 'red'
    this.#alert.textContent = red ? sentence(card, this.#lang) : ''
    this.#status.textContent = red ? '' : sentence(card, this.#lang)
  }

  #runClock(card: Card): void {
    const tick = () => {
      const text = clock(card, Date.now())
      for (const node of this.#root.querySelectorAll('[data-clock]')) node.textContent = text
    }
    tick()
    clearInterval(this.#timer)
    this.#timer = card.call?.state === 'talking' ? setInterval(tick, 1000) : undefined
  }
}

function parse(json: string | null): Card | null {
  if (!json) return null
  try {
    return JSON.parse(json) as Card
  } catch {
    console.error('<call-card>: the attribute "card" is not JSON')
    return null
  }
}
