import type { Action } from '../api/types'
import type { Key } from './words'

/** What the person at the screen can do with the card. */
export interface Hands {
  act(action: Action, event: Event): void
  /** Says why the agent goes on although the policy asks him. */
  reason(text: string): void
  fold(folded: boolean): void
  close(): void
  /** The card stands in another's frame: what opens a page of Callhue says so. */
  away?: boolean
}

export type Words = (key: Key) => string
