// The journal: everything that happened, the latest first.

import { answer, chosen, http } from './client'
import type { JournalEntry, Page } from './records'

/** What chooses entries; `client` and `subject` are kind:id, times RFC 3339. Fields without a value do not choose. */
export interface JournalQuery {
  client?: string
  subject?: string
  actor?: number
  verb?: string
  from?: string
  until?: string
  page_token?: string
  limit?: number
}

export const journalApi = {
  entries: (wanted: JournalQuery) =>
    answer<Page<JournalEntry>>(http.GET('/api/v1/journal', { params: { query: chosen(wanted) as object } })),
}
