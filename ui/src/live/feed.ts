// Keeps one EventSource alive and a Board up to date. Runs in the SharedWorker,
// or in the page where there is none; everything from outside is passed in.

import type { Card } from '../api/types'
import { Board } from './board'

/** `signed_out`: the server does not know us; nothing is tried until `restart`. */
export type Connection = 'connecting' | 'open' | 'lost' | 'signed_out'

/** One picture of the live stream. Times are Unix ms; 0 is never. */
export interface LiveState {
  connection: Connection
  /** When the stream last gave a sign of life, pings included. */
  lastEventAt: number
  cards: Card[]
  dismissed: string[]
}

/** What a page may tell a feed to do. */
export type FeedCommand = { type: 'dismiss' | 'reopen'; key: string } | { type: 'restart' }

/** The part of EventSource that a feed uses. */
export interface Stream {
  readonly readyState: number
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void
  close(): void
}

/** The world outside. `loadCards` gives my live cards, or null when nobody is signed in. */
export interface Outside {
  /** Opens the stream; `last` is the id of the last event that was heard, empty at the start. */
  openStream(last: string): Stream
  loadCards(): Promise<Card[] | null>
  now(): number
  every(ms: number, run: () => void): () => void
}

/** Silence after which an open stream counts as dead: three pings of 15 s. */
export const silenceLimit = 45_000
/** How often the feed looks whether it must reconnect. */
export const watchEvery = 5_000

const CLOSED = 2

export class Feed {
  #outside: Outside
  #show: (state: LiveState) => void
  #board = new Board()
  #stream: Stream | null = null
  #connection: Connection = 'connecting'
  #lastEventAt = 0
  #lastId = ''
  /** Tells answers for an earlier user or stream from those for the present one. */
  #round = 0
  #stopWatch: () => void

  constructor(outside: Outside, show: (state: LiveState) => void) {
    this.#outside = outside
    this.#show = show
    this.#connect()
    this.#stopWatch = outside.every(watchEvery, () => this.#watch())
  }

  get state(): LiveState {
    return {
      connection: this.#connection,
      lastEventAt: this.#lastEventAt,
      cards: this.#board.cards,
      dismissed: this.#board.dismissed,
    }
  }

  /** Does what the page asked for. */
  handle(command: FeedCommand): void {
    if (command.type === 'dismiss') this.#board.dismiss(command.key)
    if (command.type === 'reopen') this.#board.reopen(command.key)
    if (command.type === 'restart') {
      this.#board = new Board()
      this.#lastId = ''
      this.#connect()
    }
    this.#tell()
  }

  stop(): void {
    this.#stopWatch()
    this.#stream?.close()
    this.#round++
  }

  #connect(): void {
    this.#stream?.close()
    const round = ++this.#round
    this.#connection = 'connecting'
    this.#lastEventAt = this.#outside.now()
    const stream = this.#outside.openStream(this.#lastId)
    this.#stream = stream
    const on = (type: string, listen: (event: MessageEvent<string>) => void) =>
      stream.addEventListener(type, (event) => {
        if (round === this.#round) listen(event)
      })
    on('open', () => this.#opened(round))
    on('error', () => this.#set(this.#connection === 'signed_out' ? 'signed_out' : 'lost'))
    on('card', (event) => this.#heard(event))
    on('ping', () => this.#alive())
    // The list does not wait for the stream: a reloaded tab shows its card at once.
    void this.#reconcile(round)
  }

  /** The browser reconnects by itself with Last-Event-ID; the list covers what no resume can. */
  #opened(round: number): void {
    const again = this.#connection === 'lost'
    this.#alive()
    if (again) void this.#reconcile(round)
  }

  #heard(event: MessageEvent<string>): void {
    this.#alive()
    this.#lastId = event.lastEventId || this.#lastId
    try {
      if (this.#board.hear(event.lastEventId, JSON.parse(event.data) as Card)) this.#tell()
    } catch {
      console.error('live stream: a card that is not JSON')
    }
  }

  async #reconcile(round: number): Promise<void> {
    const since = this.#board.version
    const cards = await this.#outside.loadCards().catch(() => undefined)
    if (round !== this.#round || cards === undefined) return
    if (cards === null) {
      this.#stream?.close()
      this.#set('signed_out')
      return
    }
    this.#board.reconcile(cards, since)
    this.#tell()
  }

  #watch(): void {
    if (this.#connection === 'signed_out') return
    const silent = this.#outside.now() - this.#lastEventAt > silenceLimit
    if (silent || this.#stream?.readyState === CLOSED) this.#connect()
    this.#tell()
  }

  #alive(): void {
    this.#lastEventAt = this.#outside.now()
    this.#set('open')
  }

  #set(connection: Connection): void {
    this.#connection = connection
    this.#tell()
  }

  #tell(): void {
    this.#show(this.state)
  }
}
