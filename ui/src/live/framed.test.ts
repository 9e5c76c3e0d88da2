import { beforeEach, describe, expect, it } from 'vitest'
import type { Card } from '../api/types'
import { sampleCard } from '../testing/cards'
import { Feed, type LiveState, type Stream, watchEvery } from './feed'
import { type Door, type EmbedSession, framed, renewEvery } from './framed'

class FakeStream implements Stream {
  readyState = 0
  readonly ticket: string
  readonly last: string
  #listeners = new Map<string, Array<(event: MessageEvent<string>) => void>>()
  constructor(ticket: string, last: string) {
    this.ticket = ticket
    this.last = last
  }
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void) {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener])
  }
  close() {
    this.readyState = 2
  }
  says(type: string, data = '', lastEventId = '') {
    for (const listener of this.#listeners.get(type) ?? []) listener({ data, lastEventId } as MessageEvent<string>)
  }
}

let state: LiveState
let streams: FakeStream[]
let asked: string[]
let kept: Map<string, string>
let timers: Array<{ ms: number; run: () => void }>
let cards: Card[]
let answer: () => EmbedSession | null
let count: number

const door: Door = {
  renew: async (request) => {
    asked.push('ticket' in request ? request.ticket : request.pass)
    return answer()
  },
  openStream: (ticket, last) => {
    streams.push(new FakeStream(ticket, last))
    return streams.at(-1)!
  },
  readPass: (ticket) => kept.get(ticket) ?? '',
  keepPass: (ticket, pass) => void kept.set(ticket, pass),
  now: () => 0,
  every: (ms, run) => {
    timers.push({ ms, run })
    return () => undefined
  },
}

const settled = () => new Promise((done) => setTimeout(done, 0))
const tick = async (ms: number) => {
  for (const timer of timers.filter((one) => one.ms === ms)) timer.run()
  await settled()
}
const open = async (ticket = 'T') => {
  const feed = new Feed(framed(ticket, door), (next) => {
    state = next
  })
  await settled()
  return feed
}

beforeEach(() => {
  streams = []
  asked = []
  kept = new Map()
  timers = []
  cards = []
  count = 0
  answer = () => ({ pass: `pass-${++count}`, ticket: `stream-${count}`, cards })
})

describe('a page in a frame', () => {
  it('trades its ticket for a stream and the cards that are live already', async () => {
    cards = [sampleCard()]
    await open()
    expect(asked).toEqual(['T'])
    expect(streams.map(({ ticket }) => ticket)).toEqual(['stream-1'])
    expect(state.cards).toHaveLength(1)
  })

  it('comes back after a reload by the pass that it kept', async () => {
    kept.set('T', 'pass-of-before')
    await open()
    expect(asked).toEqual(['pass-of-before'])
    expect(kept.get('T')).toBe('pass-1')
  })

  it('does not use the pass of another ticket: it may be another user’s', async () => {
    kept.set('T', 'pass-of-before')
    await open('U')
    expect(asked).toEqual(['U'])
  })

  it('opens another stream after a broken connection, with a new ticket, where the last one ended', async () => {
    await open()
    streams[0]!.says('open')
    streams[0]!.says('card', JSON.stringify(sampleCard()), '42')
    expect(state.connection).toBe('open')
    streams[0]!.says('error')
    expect(state.connection).toBe('lost')
    expect(streams[0]!.readyState).toBe(2)
    await tick(watchEvery)
    expect(streams.map(({ ticket, last }) => [ticket, last])).toEqual([
      ['stream-1', ''],
      ['stream-2', '42'],
    ])
    expect(asked).toEqual(['T', 'pass-1'])
  })

  it('tries again while the server is away', async () => {
    answer = () => {
      throw new TypeError('Failed to fetch')
    }
    await open()
    expect(state.connection).toBe('lost')
    answer = () => ({ pass: 'p', ticket: 's', cards: [] })
    await tick(watchEvery)
    streams[0]!.says('open')
    expect(state.connection).toBe('open')
    expect(asked).toEqual(['T', 'T'])
  })

  it('is signed out, and tries no more, when its pass is not accepted', async () => {
    answer = () => null
    await open()
    expect(state.connection).toBe('signed_out')
    await tick(watchEvery)
    expect(asked).toEqual(['T'])
  })

  it('renews its pass while the stream stays open', async () => {
    await open()
    streams[0]!.says('open')
    await tick(renewEvery)
    expect(asked).toEqual(['T', 'pass-1'])
    expect(streams).toHaveLength(1)
    expect(kept.get('T')).toBe('pass-2')
  })
})
