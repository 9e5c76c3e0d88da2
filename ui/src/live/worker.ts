// The SharedWorker: one stream for all tabs of a browser, because HTTP/1.1
// gives a browser six connections to us and tabs would eat them.

import { Feed, type FeedCommand, type LiveState } from './feed'
import { outside } from './outside'

/** What the worker tells a page. */
export type News = LiveState
/** What a page tells the worker. */
export type Order = FeedCommand | { type: 'bye' }

const ports = new Set<MessagePort>()
const tell = (news: News) => {
  for (const port of ports) port.postMessage(news)
}

const feed = new Feed(outside, tell)

addEventListener('connect', (event) => {
  const port = (event as MessageEvent).ports[0]!
  ports.add(port)
  // Only a page of somebody who has signed in joins; an older tab may have kept us since before.
  if (feed.state.connection === 'signed_out') feed.handle({ type: 'restart' })
  port.onmessage = ({ data }: MessageEvent<Order>) => {
    if (data.type === 'bye') ports.delete(port)
    else feed.handle(data)
  }
  port.postMessage(feed.state satisfies News)
})
