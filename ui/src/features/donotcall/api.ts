// The do-not-call list.

import { answer, at, chosen, http } from '../../api/client'
import type { Paging, Schema } from '../../api/types'

/** A number that must not be called; `until` is null for good, `by` is null for the command line. */
export type DoNotCall = Schema<'DoNotCall'>

export const doNotCallApi = {
  list: (query: Paging & { q?: string }) =>
    answer(http.GET('/api/v1/do-not-call', { params: { query: chosen(query) } })),
  add: (number: string, reason: string, until: string) =>
    answer(http.POST('/api/v1/do-not-call', { body: { number, reason, ...(until ? { until } : {}) } })),
  remove: (id: number) => answer(http.DELETE('/api/v1/do-not-call/{id}', at(id))),
}
