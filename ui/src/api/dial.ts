// Click-to-call: a PBX rings the reader's telephone and connects it to a number.

import { answer, http } from './client'
import type { Card } from './contract'

/** What the reader can have a call made with. */
export interface Telephone {
  /** Rings first; empty without one. */
  extension: string
  /** The sources that can dial, by name. */
  sources: string[]
  /** Why no call can be made: a code of words/why.ts; empty where one can. */
  why: string
}

/** A call that the PBX was told to make. */
export interface Dialled {
  source: string
  /** As the source will call it; empty where it did not say. */
  call_id: string
  /** The verdict before the call. */
  card: Card
}

export const dialApi = {
  telephone: () => answer<Telephone>(http.GET('/api/v1/calls/dial')),
  dial: (number: string, source: string) =>
    answer<Dialled>(http.POST('/api/v1/calls/dial', { body: { number, ...(source ? { source } : {}) } })),
}
