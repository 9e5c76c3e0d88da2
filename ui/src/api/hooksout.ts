// Those who are told what happens, by signed webhooks.

import { answer, at, chosen, http } from './client'
import type { Page } from './records'

/** A subscription. `verbs` are the journal's, `company.*` for all of a kind, `*` for everything, none for whatever concerns a client. */
export interface HookOut {
  id: number
  name: string
  url: string
  verbs: string[]
  active: boolean
  /** Why it was switched off by itself: gone; empty otherwise. */
  disabled_reason: string
  version: number
  created_at: string
}

/** A subscription with the deliveries that wait, and the dead letters of the last 30 days. */
export interface HookOutState extends HookOut {
  waiting: number
  dead: number
}

export type DeliveryState = 'waiting' | 'done' | 'dead'

/** One entry of the journal on its way; `status` 0 is no answer, `error` a code, empty when nothing went wrong. */
export interface Delivery {
  id: number
  entry_id: number
  verb: string
  at: string
  state: DeliveryState
  attempts: number
  due_at: string | null
  tried_at: string | null
  status: number
  ms: number
  error: string
  detail: string
}

/** What may be written of a subscription. */
export interface HookOutDraft {
  name: string
  url: string
  verbs: string[]
  active: boolean
}

export const hooksOutApi = {
  hooks: () => answer<Page<HookOutState>>(http.GET('/api/v1/hooks-out')),
  hook: (id: number) => answer<HookOutState>(http.GET('/api/v1/hooks-out/{id}', at(id))),
  /** Its secret is shown this once. */
  add: (draft: HookOutDraft) => answer<HookOut & { secret: string }>(http.POST('/api/v1/hooks-out', { body: draft })),
  change: (id: number, draft: HookOutDraft, version: number) =>
    answer<HookOut>(http.PUT('/api/v1/hooks-out/{id}', { ...at(id), body: { ...draft, version } })),
  remove: (id: number) => answer<undefined>(http.DELETE('/api/v1/hooks-out/{id}', at(id))),
  rotate: (id: number) => answer<HookOut & { secret: string }>(http.POST('/api/v1/hooks-out/{id}/rotate', at(id))),
  test: (id: number) => answer<Delivery>(http.POST('/api/v1/hooks-out/{id}/test', at(id))),
  deliveries: (id: number, wanted: { state?: string; page_token?: string; limit?: number }) =>
    answer<Page<Delivery>>(
      http.GET('/api/v1/hooks-out/{id}/deliveries', { params: { path: { id }, query: chosen(wanted) as object } }),
    ),
  replay: (id: number, delivery: number) =>
    answer<Delivery>(
      http.POST('/api/v1/hooks-out/{id}/deliveries/{delivery}/replay', { params: { path: { id, delivery } } }),
    ),
  replayDead: (id: number) => answer<{ replayed: number }>(http.POST('/api/v1/hooks-out/{id}/replay', at(id))),
}
