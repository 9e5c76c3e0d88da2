// The do-not-call list.

import { answer, at, chosen, http } from './client'
import type { Person } from './contract'
import type { Page } from './records'

/** A number that must not be called; `until` is null for good, `by` is null for the command line. */
export interface DoNotCall {
  id: number
  number: string
  reason: string
  since: string
  until: string | null
  by: Person | null
}

export const doNotCallApi = {
  list: (wanted: { q?: string; page_token?: string; limit?: number }) =>
    answer<Page<DoNotCall>>(http.GET('/api/v1/do-not-call', { params: { query: chosen(wanted) } })),
  add: (number: string, reason: string, until: string) =>
    answer<DoNotCall>(http.POST('/api/v1/do-not-call', { body: { number, reason, ...(until ? { until } : {}) } })),
  remove: (id: number) => answer<undefined>(http.DELETE('/api/v1/do-not-call/{id}', at(id))),
}
