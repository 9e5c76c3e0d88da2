import type { Card } from '../api/types'

/** A card belongs to one agent on one call; this is its name everywhere in the browser. */
export function cardKey(card: Card): string {
  return `${card.call?.id ?? 0}:${card.agent?.id ?? 0}`
}
