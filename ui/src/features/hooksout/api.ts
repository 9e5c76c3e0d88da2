// Outgoing webhooks: subscriptions and their deliveries.

import { answer, at, chosen, http } from '../../api/client'
import type { Paging, Schema } from '../../api/types'

/** A subscription. `verbs` are the journal's, `company.*` for all of a kind, `*` for everything, none for all about clients. */
export type HookOut = Schema<'HookOut'>

/** A subscription with the deliveries that wait, and those of the last 30 days that were given up. */
export type HookOutState = Schema<'HookOutState'>

/** One entry of the journal on its way; `status` 0 is no answer, `error` a code, empty when nothing went wrong. */
export type Delivery = Schema<'Delivery'>
export type DeliveryState = Schema<'DeliveryState'>

/** What may be written of a subscription. */
export type HookOutDraft = Required<Schema<'NewHookOut'>>

interface DeliveryQuery extends Paging {
  state?: DeliveryState | ''
}

export const hooksOutApi = {
  list: () => answer(http.GET('/api/v1/hooks-out')),
  hook: (id: number) => answer(http.GET('/api/v1/hooks-out/{id}', at(id))),
  /** The answer holds its secret, which is shown this once. */
  add: (draft: HookOutDraft) => answer(http.POST('/api/v1/hooks-out', { body: draft })),
  change: (id: number, draft: HookOutDraft, version: number) =>
    answer(http.PUT('/api/v1/hooks-out/{id}', { ...at(id), body: { ...draft, version } })),
  remove: (id: number) => answer(http.DELETE('/api/v1/hooks-out/{id}', at(id))),
  rotate: (id: number) => answer(http.POST('/api/v1/hooks-out/{id}/rotate', at(id))),
  test: (id: number) => answer(http.POST('/api/v1/hooks-out/{id}/test', at(id))),
  deliveries: (id: number, query: DeliveryQuery) =>
    answer(http.GET('/api/v1/hooks-out/{id}/deliveries', { params: { path: { id }, query: chosen(query) } })),
  replay: (id: number, delivery: number) =>
    answer(http.POST('/api/v1/hooks-out/{id}/deliveries/{delivery}/replay', { params: { path: { id, delivery } } })),
  replayDead: (id: number) => answer(http.POST('/api/v1/hooks-out/{id}/replay', at(id))),
}
