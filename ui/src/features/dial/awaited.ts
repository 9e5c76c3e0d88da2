import type { Card } from '../../api/types'
import { cardKey } from '../../card/key'
import type { Dialled } from './api'

/**
 * The card of a call that was dialled: by its name, or where the PBX gave none, or another, the first one to the number
 * that was not there `before`.
 */
export function awaited(
  { source, call_id, card: { number } }: Dialled,
  before: string[],
  cards: Card[],
): Card | undefined {
  const fresh = cards.filter((card) => card.call && !before.includes(cardKey(card)))
  const named = fresh.find(({ call }) => call_id !== '' && call!.source === source && call!.call_id === call_id)
  return named ?? fresh.find((card) => card.call!.direction === 'out' && sameNumber(card.number, number))
}

const sameNumber = (a: Card['number'], b: Card['number']): boolean =>
  a.e164 || b.e164 ? a.e164 === b.e164 : a.raw === b.raw
