// What agents ask of heads, and the permits that heads give.

import { answer, at, chosen, http } from '../../api/client'
import type { Paging, Schema } from '../../api/types'

/** Something that a head should decide. `agent` is null for owner_left, which the system itself asks; ids of 0 are none. */
export type Request = Schema<'Ask'>
export type RequestKind = Schema<'AskKind'>
export type RequestState = Schema<'AskState'>

/** The right of one agent to work with one company until a moment. */
export type Permit = Schema<'Permit'>

/** What chooses requests; fields without a value do not choose. */
export interface RequestQuery extends Paging {
  state?: RequestState | ''
  decided?: boolean
  kind?: RequestKind | ''
  company_id?: number
  mine?: boolean
}

export const requestsApi = {
  list: (query: RequestQuery) => answer(http.GET('/api/v1/asks', { params: { query: chosen(query) } })),
  /** How many open requests wait for the reader's decision. */
  count: () => answer(http.GET('/api/v1/asks/count')),
  ask: (kind: 'permit' | 'assign', company_id: number, call_id: number, reason: string) =>
    answer(http.POST('/api/v1/asks', { body: { kind, company_id, reason, ...(call_id ? { call_id } : {}) } })),
  grant: (id: number, body: Schema<'GrantAskIn'>) => answer(http.POST('/api/v1/asks/{id}/grant', { ...at(id), body })),
  refuse: (id: number, reason: string) =>
    answer(http.POST('/api/v1/asks/{id}/refuse', { ...at(id), body: { reason } })),
  close: (id: number, reason: string) => answer(http.POST('/api/v1/asks/{id}/done', { ...at(id), body: { reason } })),
}

/** What chooses permits; fields without a value do not choose. */
export interface PermitQuery extends Paging {
  company_id?: number
  agent_id?: number
  active?: boolean
}

export const permitsApi = {
  list: (query: PermitQuery) => answer(http.GET('/api/v1/permits', { params: { query: chosen(query) } })),
  end: (id: number) => answer(http.DELETE('/api/v1/permits/{id}', at(id))),
}
