// The page's end of the live stream: through the SharedWorker, or by a stream
// of its own where the browser has no such worker.

import { Feed, type FeedCommand, type LiveState } from './feed'
import { outside } from './outside'
import type { News, Order } from './worker'

/** The live stream as a page sees it; fits React's useSyncExternalStore. */
export interface Live {
  state(): LiveState
  subscribe(listener: () => void): () => void
  send(command: FeedCommand): void
}

/** Joins the stream. Call once per page. */
export function joinLive(): Live {
  const listeners = new Set<() => void>()
  let state: LiveState = { connection: 'connecting', lastEventAt: 0, cards: [], dismissed: [] }
  const show = (next: LiveState) => {
    state = next
    for (const listener of listeners) listener()
  }
  const send = typeof SharedWorker === 'undefined' ? ownFeed(show) : sharedFeed(show)
  return {
    state: () => state,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    send,
  }
}

function ownFeed(show: (state: LiveState) => void): (command: FeedCommand) => void {
  const feed = new Feed(outside, show)
  show(feed.state)
  return (command) => feed.handle(command)
}

function sharedFeed(show: (state: LiveState) => void): (command: FeedCommand) => void {
  const join = () => {
    const worker = new SharedWorker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'callhue-live' })
    worker.port.onmessage = ({ data }: MessageEvent<News>) => show(data)
    return worker.port
  }
  let port = join()
  const send = (order: Order) => port.postMessage(order)
  addEventListener('pagehide', () => send({ type: 'bye' }))
  // A page that comes back from the browser's back-forward cache joins again.
  addEventListener('pageshow', (event) => {
    if (event.persisted) port = join()
  })
  return send
}
