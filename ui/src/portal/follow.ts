// Follows one call for a page in another's frame, which has no cookie: it has a
// pass, gets tickets of the live stream for it, and shows the card of this call
// and no other. Everything from outside is passed in.

import type { Card } from '../api/types'
import { cardKey } from '../card/key'
import { Board } from '../live/board'
import type { Stream } from '../live/feed'

/** What the portal shows its user: a call of its own, or a number. */
export interface Sight {
  call_id: string
  number: string
  direction: string
}

/** What the server gives for a pass: the next one, and a ticket for one stream. */
export interface Passage {
  pass: string
  ticket: string
}

/** `over`: the pass has ended, nothing is tried any more. */
export type Link = 'connecting' | 'open' | 'lost' | 'over'

/** The world outside; null says that the pass is over, a throw that it may be tried again. */
export interface Outside {
  ticket(pass: string): Promise<Passage | null>
  look(pass: string, sight: Sight): Promise<Card | null>
  openStream(ticket: string, last: string): Stream
  later(ms: number, run: () => void): void
}

/** How long to wait before the next try; doubled up to the most. */
export const shortest = 1_000
export const longest = 30_000
/** How often an open page gets its next pass: a pass lives a quarter of an hour. */
export const renewEvery = 8 * 60_000
/** How often it looks whether the stream is alive, and how many silent looks make it dead: it pings every 15 s. */
export const watchEvery = 20_000
export const silentLooks = 3

export class Follow {
  #outside: Outside
  #show: (card: Card | null, link: Link) => void
  #board = new Board()
  #sight: Sight
  #pass: string
  #card: Card | null
  #link: Link = 'connecting'
  #last = ''
  #wait = shortest
  #silent = 0
  /** Tells a stream and a number from earlier ones. */
  #round = 0
  #asked = 0

  constructor(
    outside: Outside,
    start: { pass: string; sight: Sight; card: Card | null },
    show: (card: Card | null, link: Link) => void,
  ) {
    this.#outside = outside
    this.#show = show
    this.#sight = start.sight
    this.#pass = start.pass
    this.#card = start.card
    if (start.card?.call) this.#board.hear('', start.card)
    show(this.#card, this.#link)
    void this.#connect()
    outside.later(renewEvery, () => void this.#renew())
    outside.later(watchEvery, () => this.#watch())
  }

  /** The pass as it is now. */
  get pass(): string {
    return this.#pass
  }

  /** The portal's user went on to another number: the next one of a list. */
  turn(number: string): void {
    this.#sight = { call_id: '', number, direction: 'out' }
    this.#card = null
    void this.#look()
  }

  async #connect(): Promise<void> {
    const round = ++this.#round
    let passage: Passage | null
    try {
      passage = await this.#outside.ticket(this.#pass)
    } catch {
      return this.#again(round)
    }
    if (round !== this.#round) return
    if (!passage) return this.#set('over')
    this.#pass = passage.pass
    this.#silent = 0
    const stream = this.#outside.openStream(passage.ticket, this.#last)
    const on = (type: string, listen: (event: MessageEvent<string>) => void) =>
      stream.addEventListener(type, (event) => {
        if (round !== this.#round) return
        this.#silent = 0
        listen(event)
      })
    on('open', () => {
      this.#wait = shortest
      this.#set('open')
      void this.#look() // what happened before the stream began
    })
    on('card', (event) => this.#heard(event))
    on('ping', () => undefined)
    stream.addEventListener('error', () => {
      stream.close() // a ticket is good for one stream: the browser must not try it again
      this.#again(round)
    })
    this.#close = () => stream.close()
  }

  #close = () => {}

  #again(round: number): void {
    if (round !== this.#round || this.#link === 'over') return
    this.#round++
    this.#set('lost')
    this.#outside.later(this.#wait, () => void this.#connect())
    this.#wait = Math.min(2 * this.#wait, longest)
  }

  #watch(): void {
    if (this.#link === 'over') return
    if (this.#link === 'open' && ++this.#silent >= silentLooks) {
      this.#close()
      this.#again(this.#round)
    }
    this.#outside.later(watchEvery, () => this.#watch())
  }

  async #renew(): Promise<void> {
    if (this.#link === 'over') return
    try {
      const passage = await this.#outside.ticket(this.#pass)
      if (!passage) return this.#set('over')
      this.#pass = passage.pass
    } catch {
      // the next time, or the next connection
    }
    this.#outside.later(renewEvery, () => void this.#renew())
  }

  async #look(): Promise<void> {
    const asked = ++this.#asked
    let card: Card | null
    try {
      card = await this.#outside.look(this.#pass, this.#sight)
    } catch {
      return // the card stands as it is; the sign says that the connection is lost, if it is
    }
    if (asked !== this.#asked) return
    if (!card) return this.#set('over')
    if (card.call) this.#board.hear('', card)
    else if (!this.#card?.call) this.#card = card
    this.#pick()
  }

  #heard(event: MessageEvent<string>): void {
    this.#last = event.lastEventId || this.#last
    try {
      if (this.#board.hear(event.lastEventId, JSON.parse(event.data) as Card)) this.#pick()
    } catch {
      console.error('live stream: a card that is not JSON')
    }
  }

  /** Shows the card of this call as it now stands: live ones come first on the board. */
  #pick(): void {
    this.#card = this.#board.cards.find((card) => this.#mine(card)) ?? this.#card
    this.#show(this.#card, this.#link)
  }

  #mine(card: Card): boolean {
    if (this.#card?.call && cardKey(card) === cardKey(this.#card)) return true
    if (this.#card?.call && this.#card.call.state !== 'ended') return false
    if (this.#sight.call_id && card.call?.call_id === this.#sight.call_id) return true
    return card.call?.state !== 'ended' && !!card.number.e164 && card.number.e164 === this.#card?.number.e164
  }

  #set(link: Link): void {
    this.#link = link
    this.#show(this.#card, link)
  }
}
