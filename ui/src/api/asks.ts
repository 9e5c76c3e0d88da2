// What agents ask of heads, and the permits that heads give.

import { answer, at, chosen, http } from './client'
import type { Page } from './records'

/** A record by its id and name. */
export interface Named {
  id: number
  name: string
}

export type AskKind = 'permit' | 'assign' | 'owner_left'
export type AskState = 'open' | 'granted' | 'refused' | 'done'

/** Something that a head should decide. `agent` is null for owner_left, which the house itself asks; ids of 0 are none. */
export interface Ask {
  id: number
  kind: AskKind
  state: AskState
  company: Named
  owner: Named | null
  agent: Named | null
  call_id: number
  reason: string
  answer: string
  permit_id: number
  asked_at: string
  decided_at: string | null
  decided_by: Named | null
  /** Whether the reader may decide it. */
  may_decide: boolean
}

/** The right of one agent to work with one company until a moment. */
export interface Permit {
  id: number
  agent: Named
  company: Named
  owner: Named
  from: string
  until: string
  by: Named
  reason: string
  ended_at: string | null
}

/** What chooses asks; fields without a value do not choose. */
export interface AskQuery {
  state?: string
  kind?: string
  company_id?: number
  mine?: string
  page_token?: string
  limit?: number
}

export const asksApi = {
  asks: (wanted: AskQuery) =>
    answer<Page<Ask>>(http.GET('/api/v1/asks', { params: { query: chosen(wanted) as object } })),
  /** How many open asks wait for the reader's decision. */
  count: () => answer<{ open: number }>(http.GET('/api/v1/asks/count')),
  ask: (kind: 'permit' | 'assign', company_id: number, call_id: number, reason: string) =>
    answer<Ask>(
      http.POST('/api/v1/asks', { body: { kind, company_id, reason, ...(call_id ? { call_id } : {}) } as never }),
    ),
  grant: (id: number, yes: { hours?: number; owner_id?: number; answer?: string }) =>
    answer<Ask>(http.POST('/api/v1/asks/{id}/grant', { ...at(id), body: yes })),
  refuse: (id: number, reason: string) =>
    answer<Ask>(http.POST('/api/v1/asks/{id}/refuse', { ...at(id), body: { reason } })),
  done: (id: number, reason: string) =>
    answer<Ask>(http.POST('/api/v1/asks/{id}/done', { ...at(id), body: { reason } })),

  permits: (wanted: { company_id?: number; agent_id?: number; active?: string; page_token?: string; limit?: number }) =>
    answer<Page<Permit>>(http.GET('/api/v1/permits', { params: { query: chosen(wanted) as object } })),
  endPermit: (id: number) => answer<undefined>(http.DELETE('/api/v1/permits/{id}', at(id))),
}
