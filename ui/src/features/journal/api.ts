// The journal: everything that happened, the latest first.

import { answer, chosen, http } from '../../api/client'
import type { Paging, Schema } from '../../api/types'

/** One entry. `actor` is a user's id, 0 for a machine; `details` depend on the verb; an id of 0 is nothing. */
export type JournalEntry = Schema<'JournalEntry'>
export type Verb = Schema<'Verb'>

/** What chooses entries; `client` and `subject` are kind:id, times RFC 3339. Fields without a value do not choose. */
export interface JournalQuery extends Paging {
  client?: string
  subject?: string
  actor?: number
  verb?: Verb | ''
  from?: string
  until?: string
}

export const journalApi = {
  list: (query: JournalQuery) => answer(http.GET('/api/v1/journal', { params: { query: chosen(query) } })),
}
