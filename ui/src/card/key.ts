import type { Card } from '../api/types'

/**
 * A card belongs to one agent on one call; this is its name everywhere in the browser. A call that is not stored yet has no
 * id and goes by that of its source.
 */
export function cardKey(card: Card): string {
  return card.call?.id === 0 ? pendingKey(card) : `${card.call?.id ?? 0}:${card.agent?.id ?? 0}`
}

/** The name of a card while its call is not stored. */
export function pendingKey({ call, agent }: Card): string {
  return `${call?.source} ${call?.call_id}:${agent?.id ?? 0}`
}
