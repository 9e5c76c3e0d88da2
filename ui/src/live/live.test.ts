import { describe, expect, it } from 'vitest'
import type { Card } from '../api/types'
import { sampleCard } from '../testing/cards'
import { Board } from './board'
import { Feed, type LiveState, type Stream, silenceLimit } from './feed'

const red = (state: 'ringing' | 'talking' | 'ended', id = 7) => sampleCard({ color: 'red' }, { id, state })
const states = (board: Board) => board.cards.map((card) => `${card.call!.id} ${card.call!.state}`)

describe('the board', () => {
  it('drops an entry that comes again with the same id', () => {
    const board = new Board()
    expect(board.hear('10', red('ringing'))).toBe(true)
    expect(board.hear('10', red('talking'))).toBe(false)
    expect(states(board)).toEqual(['7 ringing'])
  })

  it('never goes back: a late "ringing" does not undo "talking"', () => {
    const board = new Board()
    board.hear('11', red('talking'))
    expect(board.hear('10', red('ringing'))).toBe(false)
    expect(states(board)).toEqual(['7 talking'])
  })

  it('repaints when a later decision arrives for the same state', () => {
    const board = new Board()
    board.hear('1', sampleCard({ color: 'grey', decided_at: '2026-03-12T12:00:00Z' }))
    board.hear('2', sampleCard({ color: 'red', decided_at: '2026-03-12T12:00:01Z' }))
    board.hear('3', sampleCard({ color: 'grey', decided_at: '2026-03-12T12:00:00Z' }))
    expect(board.cards[0]!.verdict.color).toBe('red')
  })

  it('puts live cards before ended ones, the newest call first', () => {
    const board = new Board()
    board.hear('1', red('talking', 1))
    board.hear('2', red('ended', 9))
    board.hear('3', red('ringing', 5))
    expect(states(board)).toEqual(['5 ringing', '1 talking', '9 ended'])
  })

  it('keeps the last twenty ended cards', () => {
    const board = new Board()
    for (let id = 1; id <= 25; id++) board.hear(String(id), red('ended', id))
    expect(board.cards.map((card) => card.call!.id)).toEqual(Array.from({ length: 20 }, (_, i) => 25 - i))
  })

  it('a list without a live card takes it away, unless it is newer than the question', () => {
    const board = new Board()
    board.hear('1', red('talking', 1))
    const asked = board.version
    board.hear('2', red('ringing', 2))
    board.reconcile([red('talking', 3)], asked)
    expect(states(board)).toEqual(['3 talking', '2 ringing'])
  })

  it('a grey card of a call that is not stored gives way to the stored one, which it moves afterwards', () => {
    const board = new Board()
    const pending = (state: 'ringing' | 'ended') => sampleCard({ color: 'grey' }, { id: 0, state })
    board.hear('', pending('ringing'))
    expect(states(board)).toEqual(['0 ringing'])
    board.hear('1', red('talking'))
    expect(states(board)).toEqual(['7 talking'])
    board.hear('', pending('ended'))
    expect(states(board)).toEqual(['7 ended'])
    expect(board.cards[0]!.verdict.color).toBe('red')
  })

  it('a closed card stays closed while its colour stays, and returns in another one', () => {
    const board = new Board()
    board.hear('1', sampleCard({ color: 'grey' }))
    board.dismiss('7:18')
    board.hear('2', sampleCard({ color: 'grey' }, { state: 'talking' }))
    expect(board.dismissed).toEqual(['7:18'])
    board.hear('3', sampleCard({ color: 'red', decided_at: '2026-03-12T12:16:09Z' }, { state: 'talking' }))
    expect(board.dismissed).toEqual([])
  })
})

class FakeStream implements Stream {
  readyState = 0
  closed = false
  #listeners = new Map<string, (event: MessageEvent<string>) => void>()
  addEventListener(type: string, listener: (event: MessageEvent<string>) => void) {
    this.#listeners.set(type, listener)
  }
  close() {
    this.closed = true
    this.readyState = 2
  }
  say(type: string, lastEventId = '', data: unknown = '') {
    this.raw(type, lastEventId, JSON.stringify(data))
  }
  raw(type: string, lastEventId: string, data: string) {
    this.#listeners.get(type)?.({ data, lastEventId } as MessageEvent<string>)
  }
}

function world(lists: Array<Card[] | null>) {
  const streams: FakeStream[] = []
  const resumed: string[] = []
  const shown: LiveState[] = []
  const at = { now: 1_000_000, tick: () => {} }
  const feed = new Feed(
    {
      openStream: (last) => {
        resumed.push(last)
        return streams[streams.push(new FakeStream()) - 1]!
      },
      loadCards: async () => (lists.length ? (lists.shift() as Card[] | null) : []),
      now: () => at.now,
      every: (_ms, run) => {
        at.tick = run
        return () => {}
      },
    },
    (state) => shown.push(state),
  )
  return { feed, streams, resumed, at, shown }
}
const settled = () => new Promise((done) => setTimeout(done))

describe('the feed', () => {
  it('shows the current card from the list before the stream says anything', async () => {
    const { feed } = world([[red('talking')]])
    await settled()
    expect(feed.state.cards).toHaveLength(1)
    expect(feed.state.connection).toBe('connecting')
  })

  it('tells that it is open, and that it was lost', async () => {
    const { feed, streams } = world([[]])
    streams[0]!.say('open')
    expect(feed.state.connection).toBe('open')
    streams[0]!.say('error')
    expect(feed.state.connection).toBe('lost')
    streams[0]!.say('open')
    expect(feed.state.connection).toBe('open')
  })

  it('asks for the list again after a break', async () => {
    const { feed, streams } = world([[], [red('ringing', 8)]])
    await settled()
    streams[0]!.say('open')
    streams[0]!.say('error')
    streams[0]!.say('open')
    await settled()
    expect(feed.state.cards.map((card) => card.call!.id)).toEqual([8])
  })

  it('reconnects where it was when an open stream has been silent for too long', async () => {
    const { streams, resumed, at } = world([[]])
    await settled()
    streams[0]!.say('open')
    streams[0]!.say('card', '41', red('ringing'))
    at.now += silenceLimit
    at.tick()
    expect(streams).toHaveLength(1)
    at.now += 1
    at.tick()
    expect(streams).toHaveLength(2)
    expect(streams[0]!.closed).toBe(true)
    expect(resumed).toEqual(['', '41'])
  })

  it('a ping is a sign of life', async () => {
    const { streams, at, feed } = world([[]])
    streams[0]!.say('open')
    at.now += silenceLimit
    streams[0]!.say('ping')
    at.now += silenceLimit
    at.tick()
    expect(streams).toHaveLength(1)
    expect(feed.state.lastEventAt).toBe(1_000_000 + silenceLimit)
  })

  it('stops when nobody is signed in, and starts anew for the next user without the cards of the last', async () => {
    const { feed, streams, at } = world([[red('talking')], null, []])
    await settled()
    feed.handle({ type: 'restart' })
    expect(feed.state.cards).toEqual([])
    await settled()
    expect(feed.state.connection).toBe('signed_out')
    at.now += 10 * silenceLimit
    at.tick()
    expect(streams).toHaveLength(2)
    feed.handle({ type: 'restart' })
    expect(streams).toHaveLength(3)
    expect(feed.state.connection).toBe('connecting')
  })

  it('ignores what an abandoned stream still says', async () => {
    const { feed, streams } = world([[], []])
    feed.handle({ type: 'restart' })
    streams[0]!.say('card', '5', red('ringing'))
    expect(feed.state.cards).toEqual([])
  })

  it('survives a card that is not JSON', async () => {
    const { feed, streams } = world([[]])
    streams[0]!.raw('card', '5', '{"call":')
    streams[0]!.say('card', '6', red('ringing'))
    expect(feed.state.cards).toHaveLength(1)
  })
})
