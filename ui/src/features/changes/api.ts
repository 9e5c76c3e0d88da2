// Changes that lower protection, and wait for a second administrator.

import { answer, at, chosen, http } from '../../api/client'
import type { Paging, Schema } from '../../api/types'

export type Change = Schema<'Change'>
export type State = Change['state']

export const changesApi = {
  list: (query: Paging & { state?: State | '' }) =>
    answer(http.GET('/api/v1/changes', { params: { query: chosen(query) } })),
  count: () => answer(http.GET('/api/v1/changes/count')),
  confirm: (id: number, password: string) =>
    answer(http.POST('/api/v1/changes/{id}/confirm', { ...at(id), body: password ? { password } : {} })),
  refuse: (id: number, reason: string) =>
    answer(http.POST('/api/v1/changes/{id}/refuse', { ...at(id), body: { reason } })),
  withdraw: (id: number) => answer(http.POST('/api/v1/changes/{id}/withdraw', at(id))),
}
