// The page's end of the live stream: through the SharedWorker, or by a stream
// of its own where the browser has no such worker.

import { Feed, type LiveState, type Wish } from './feed'
import { outside } from './outside'
import type { News, Order } from './worker'

/** The live stream as a page sees it; fits React's useSyncExternalStore. */
export interface Live {
  state(): LiveState
  subscribe(listener: () => void): () => void
  wish(wish: Wish): void
}

/** Joins the stream. Call once per page. */
export function joinLive(): Live {
  const listeners = new Set<() => void>()
  let state: LiveState = { connection: 'connecting', lastEventAt: 0, cards: [], dismissed: [] }
  const show = (next: LiveState) => {
    state = next
    listeners.forEach((listener) => listener())
  }
  const wish = typeof SharedWorker === 'undefined' ? ownFeed(show) : sharedFeed(show)
  return {
    state: () => state,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    wish,
  }
}

function ownFeed(show: (state: LiveState) => void): (wish: Wish) => void {
  const feed = new Feed(outside, show)
  show(feed.state)
  return (wish) => feed.grant(wish)
}

function sharedFeed(show: (state: LiveState) => void): (wish: Wish) => void {
  const join = () => {
    const worker = new SharedWorker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'callhue-live' })
    worker.port.onmessage = ({ data }: MessageEvent<News>) => show(data)
    return worker.port
  }
  let port = join()
  const send = (order: Order) => port.postMessage(order)
  addEventListener('pagehide', () => send({ type: 'bye' }))
  // A page that comes back from the browser's back-forward cache joins anew.
  addEventListener('pageshow', (event) => {
    if (event.persisted) port = join()
  })
  return send
}
