import { beforeEach, describe, expect, it } from 'vitest'
import type { Card } from '../api/types'
import type { Stream } from '../live/feed'
import { sampleCard } from '../testing/cards'
import {
  Follow,
  type Link,
  longest,
  type Outside,
  type Passage,
  renewEvery,
  type Sight,
  shortest,
  silentLooks,
  watchEvery,
} from './follow'

/** A stream that a test plays. */
class Played implements Stream {
  readyState = 0
  closed = false
  #listeners = new Map<string, ((event: MessageEvent<string>) => void)[]>()
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void) {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener])
  }
  say(type: string, card?: Card, id = '') {
    const event = { data: card ? JSON.stringify(card) : '', lastEventId: id } as MessageEvent<string>
    for (const listener of this.#listeners.get(type) ?? []) listener(event)
  }
  close() {
    this.closed = true
  }
}

const settle = async () => {
  for (let n = 0; n < 10; n++) await Promise.resolve()
}

describe('following one call', () => {
  let tickets: (Passage | null | Error)[]
  let looks: (Card | null)[]
  let asked: { pass: string; sight: Sight }[]
  let streams: { stream: Played; ticket: string; last: string }[]
  let timers: { ms: number; run: () => void }[]
  let shown: { card: Card | null; link: Link }
  let passes: string[]

  const outside: Outside = {
    ticket: async (pass) => {
      passes.push(pass)
      const next = tickets.length
        ? tickets.shift()!
        : { pass: `pass ${passes.length + 1}`, ticket: `ticket ${passes.length}` }
      if (next instanceof Error) throw next
      return next
    },
    look: async (pass, sight) => {
      asked.push({ pass, sight })
      return looks.length ? looks.shift()! : verdict
    },
    openStream: (ticket, last) => {
      const stream = new Played()
      streams.push({ stream, ticket, last })
      return stream
    },
    later: (ms, run) => void timers.push({ ms, run }),
  }
  const elapse = async (ms: number) => {
    const due = timers.filter((timer) => timer.ms === ms)
    timers = timers.filter((timer) => timer.ms !== ms)
    for (const timer of due) timer.run()
    await settle()
  }
  const verdict: Card = { ...sampleCard({ color: 'red' }), call: undefined }
  const sight: Sight = { call_id: 'b24-1', number: verdict.number.e164, direction: 'in' }
  const call = (state: 'ringing' | 'talking' | 'ended', id = 7, call_id = 'b24-1') =>
    sampleCard({ color: 'red' }, { id, state, call_id })
  const begin = async (card: Card | null = verdict) => {
    const follow = new Follow(outside, { pass: 'pass 1', sight, card }, (card, link) => (shown = { card, link }))
    await settle()
    return follow
  }

  beforeEach(() => {
    tickets = []
    looks = []
    asked = []
    streams = []
    timers = []
    passes = []
  })

  it('shows what the server wrote at once, then the call as it goes on', async () => {
    await begin()
    expect(shown).toEqual({ card: verdict, link: 'connecting' })
    streams[0]!.stream.say('open')
    await settle()
    expect(shown.link).toBe('open')
    streams[0]!.stream.say('card', call('ringing'), '10')
    expect(shown.card?.call?.state).toBe('ringing')
    streams[0]!.stream.say('card', call('talking'), '11')
    expect(shown.card?.call?.state).toBe('talking')
  })

  it('asks again when the stream opens: what happened before it is not in it', async () => {
    await begin()
    looks = [call('talking')]
    streams[0]!.stream.say('open')
    await settle()
    expect(asked).toEqual([{ pass: 'pass 2', sight }])
    expect(shown.card?.call?.state).toBe('talking')
  })

  it('shows no other call of the same user', async () => {
    await begin(call('talking'))
    const other = { ...call('ringing', 8, 'b24-2') }
    streams[0]!.stream.say('card', other, '12')
    expect(shown.card?.call?.id).toBe(7)
    streams[0]!.stream.say('card', call('ended'), '13')
    expect(shown.card?.call?.state).toBe('ended')
  })

  it('takes a new ticket for every stream, with the pass of the time, and goes on where it was', async () => {
    await begin()
    streams[0]!.stream.say('card', call('ringing'), '10')
    streams[0]!.stream.say('error')
    expect(streams[0]!.stream.closed).toBe(true)
    expect(shown.link).toBe('lost')
    await elapse(shortest)
    expect(passes).toEqual(['pass 1', 'pass 2'])
    expect(streams[1]).toMatchObject({ ticket: 'ticket 2', last: '10' })
  })

  it('waits longer each time while the server is away', async () => {
    tickets = Array.from({ length: 8 }, () => new Error('away'))
    await begin()
    for (let wait = shortest; wait < longest; wait *= 2) {
      expect(timers.map((timer) => timer.ms)).toContain(wait)
      await elapse(wait)
    }
    expect(timers.map((timer) => timer.ms)).toContain(longest)
  })

  it('stops and says so when the pass is over', async () => {
    tickets = [null]
    await begin()
    expect(shown).toEqual({ card: verdict, link: 'over' })
    expect(streams).toEqual([])
    await elapse(renewEvery)
    await elapse(watchEvery)
    expect(passes).toEqual(['pass 1'])
  })

  it('gets its next pass in time, and leaves the stream alone', async () => {
    await begin()
    streams[0]!.stream.say('open')
    await settle()
    await elapse(renewEvery)
    expect(passes).toEqual(['pass 1', 'pass 2'])
    expect(streams.length).toBe(1)
    expect(timers.map((timer) => timer.ms)).toContain(renewEvery)
  })

  it('takes a silent stream for dead', async () => {
    await begin()
    streams[0]!.stream.say('open')
    await settle()
    for (let n = 1; n < silentLooks; n++) await elapse(watchEvery)
    streams[0]!.stream.say('ping')
    for (let n = 1; n < silentLooks; n++) await elapse(watchEvery)
    expect(streams[0]!.stream.closed).toBe(false)
    await elapse(watchEvery)
    expect(streams[0]!.stream.closed).toBe(true)
    expect(shown.link).toBe('lost')
  })

  it('asks for the next number of a list, and shows its verdict instead of the last call', async () => {
    const follow = await begin(call('ended'))
    const next: Card = { ...sampleCard({ color: 'none' }), call: undefined }
    looks = [next]
    follow.turn('+74950000077')
    await settle()
    expect(asked.at(-1)?.sight).toEqual({ call_id: '', number: '+74950000077', direction: 'out' })
    expect(shown.card).toEqual(next)
  })
})
