// Companies, contacts, leads and users from one box.

import { answer, http } from '../../api/client'
import type { Schema } from '../../api/types'

export type Hit = Schema<'Hit'>

export const searchApi = {
  /** The best hits. The server stops looking when the signal aborts the request. */
  find: (q: string, signal: AbortSignal) =>
    answer(http.GET('/api/v1/search', { params: { query: { q, limit: 12 } }, signal })),
}
