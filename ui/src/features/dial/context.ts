import { createContext, type RefObject, use } from 'react'
import type { Card } from '../../api/types'
import type { Dialled, Telephone } from './api'

/** A call on its way, from the press on the button until its card is there. */
export type DialState =
  | { at: 'cannot'; number: string; why: string }
  | { at: 'checking'; number: string }
  /** The agent is asked: to look, for a reason, or through which source. */
  | { at: 'asking'; number: string; card: Card }
  | { at: 'ordering'; number: string; card: Card }
  /** The agent's telephone rings. `before` are the cards that were there already. */
  | { at: 'ringing'; number: string; dialled: Dialled; reason: string; before: string[] }
  | { at: 'failed'; number: string; error: unknown }

export interface Dialler {
  telephone: Telephone | undefined
  /** The call on its way; null for none. */
  state: DialState | null
  /** Through which source calls go; empty while that is to be chosen. */
  source: string
  choose(source: string): void
  /** Begins a call; nothing happens while another one is on its way to the PBX. */
  call(number: string): void
  /** Goes on with the call that is asked about. */
  goOn(reason: string): void
  drop(): void
  /** What was pressed. */
  origin: RefObject<HTMLElement | null>
}

export const DialContext = createContext<Dialler | null>(null)

export function useDialler(): Dialler {
  const dialler = use(DialContext)
  if (!dialler) throw new Error('useDialler outside of the shell')
  return dialler
}
