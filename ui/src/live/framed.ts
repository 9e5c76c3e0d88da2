// The world of a feed in a page in another site's frame, which has no cookie: the ticket in its address is good for one
// use, and is traded for a pass. The pass gives a ticket for each stream, the live cards, and the next pass. It is kept
// for as long as the browser's tab, so that the page comes back after a reload.

import type { Card } from '../api/types'
import type { Outside, Stream } from './feed'

/** What the server gives for a ticket or a pass: the next pass, a ticket for one stream, and the live cards. */
export interface EmbedSession {
  pass: string
  ticket: string
  cards: Card[]
}

/** Everything from outside. `renew` gives null for a ticket or a pass that is not accepted; a throw may be repeated. */
export interface Door {
  renew(request: { ticket: string } | { pass: string }): Promise<EmbedSession | null>
  openStream(ticket: string, last: string): Stream
  /** The pass that was kept for this ticket, empty for none; a browser may keep nothing. */
  readPass(ticket: string): string
  keepPass(ticket: string, pass: string): void
  now(): number
  every(ms: number, run: () => void): () => void
}

/** How often an open page gets its next pass: a pass lives an hour. */
export const renewEvery = 8 * 60_000

const CONNECTING = 0
const CLOSED = 2

export function framed(ticket: string, door: Door): Outside {
  let pass = door.readPass(ticket)
  /** The session of the stream that is being opened: its cards are the first that the feed asks for. */
  let opening: Promise<EmbedSession | null> | null = null
  // One request at a time: a ticket is good once.
  let last: Promise<unknown> = Promise.resolve()

  const renew = (): Promise<EmbedSession | null> => {
    const next = last.then(async () => {
      const session = await door.renew(pass ? { pass } : { ticket })
      if (session) {
        pass = session.pass
        door.keepPass(ticket, pass)
      }
      return session
    })
    last = next.catch(() => undefined)
    return next
  }
  door.every(renewEvery, () => void renew().catch(() => undefined))

  return {
    openStream: (lastId) => {
      opening = renew()
      return new LateStream(opening, (session) => door.openStream(session.ticket, lastId))
    },
    loadCards: async () => {
      const session = opening ?? renew()
      opening = null
      return (await session)?.cards ?? null
    },
    now: door.now,
    every: door.every,
  }
}

/** A stream that opens once its ticket is there. Its ticket is good once, so that it closes where a browser would try again. */
class LateStream implements Stream {
  #stream: Stream | null = null
  #closed = false
  readonly #listeners: Array<[type: string, listener: (event: MessageEvent<string>) => void]> = []

  constructor(session: Promise<EmbedSession | null>, open: (session: EmbedSession) => Stream) {
    session.then(
      (given) => {
        if (this.#closed) return
        if (!given) return this.close() // the feed learns from the cards that no one is signed in
        this.#stream = open(given)
        for (const [type, listener] of this.#listeners) this.#stream.addEventListener(type, listener)
        this.#stream.addEventListener('error', () => this.close())
      },
      () => this.#fail(),
    )
  }

  get readyState(): number {
    return this.#closed ? CLOSED : (this.#stream?.readyState ?? CONNECTING)
  }

  addEventListener(type: string, listener: (event: MessageEvent<string>) => void): void {
    this.#listeners.push([type, listener])
  }

  close(): void {
    this.#closed = true
    this.#stream?.close()
  }

  #fail(): void {
    if (this.#closed) return
    this.close()
    for (const [type, listener] of this.#listeners) {
      if (type === 'error') listener(new MessageEvent('error'))
    }
  }
}
