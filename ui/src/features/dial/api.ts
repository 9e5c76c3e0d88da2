// Click-to-call: a PBX rings the reader's telephone and connects it to a number.

import { answer, http } from '../../api/client'
import type { Card, Schema } from '../../api/types'

/** What the reader can have a call made with; `why` is a code where no call can be made. */
export type Telephone = Schema<'Telephone'>

/** A call that the PBX was told to make, with the verdict before it. `call_id` is empty where the source did not say. */
export type Dialled = Omit<Schema<'Dialled'>, 'card'> & { card: Card }

export const dialApi = {
  telephone: () => answer(http.GET('/api/v1/calls/dial')),
  dial: (number: string, source: string) =>
    answer(http.POST('/api/v1/calls/dial', { body: { number, ...(source ? { source } : {}) } })),
}
