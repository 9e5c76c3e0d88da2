// The real world of a feed, the same in a page and in a SharedWorker.

import type { Card } from '../api/types'
import type { Outside } from './feed'

export const outside: Outside = {
  // A new EventSource cannot send Last-Event-ID; the parameter says the same.
  openStream: (last) => new EventSource(`/api/v1/live${last ? `?last_event_id=${encodeURIComponent(last)}` : ''}`),
  loadCards,
  now: () => Date.now(),
  every: (ms, run) => {
    const timer = setInterval(run, ms)
    return () => clearInterval(timer)
  },
}

async function loadCards(): Promise<Card[] | null> {
  const response = await fetch('/api/v1/cards', { headers: { accept: 'application/json' } })
  if (response.status === 401) return null
  if (!response.ok) throw new Error(`GET /api/v1/cards: ${response.status}`)
  return ((await response.json()) as { items: Card[] }).items
}
