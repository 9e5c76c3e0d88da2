import type { Card } from '../../api/types'

/** What stands between a press on "call" and the call. */
export type Caution =
  /** Nothing: it is dialled at once. */
  | 'free'
  /** The card has to be looked at first. */
  | 'look'
  /** The agent has to say why. */
  | 'reason'
  /** No call without a permit. */
  | 'permit'
  /** No call is dialled to a red number. */
  | 'red'
  /** No call at all. */
  | 'blocked'

/**
 * What a card that was checked before dialling asks of the agent. The server refuses `permit`, `red` and `blocked` itself; the
 * others are so that nobody begins a call without having seen whose client it is, and "not checked" is not "free".
 */
export function cautionOf({ verdict, do_not_call, enforcement }: Card): Caution {
  if (do_not_call?.mode === 'block') return 'blocked'
  const wanted = enforcement && !enforcement.met ? enforcement.mode : ''
  if (wanted === 'block') return 'red'
  if (wanted === 'permit' || wanted === 'reason') return wanted
  if (do_not_call || verdict.banner || verdict.color === 'red') return 'look'
  if (verdict.color === 'yellow') return verdict.relation === 'foreign' ? 'look' : 'free'
  return verdict.color === 'none' || verdict.color === 'blue' ? 'free' : 'look'
}
