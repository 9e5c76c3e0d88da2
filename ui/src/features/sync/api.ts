// A connected CRM whose records are kept here: its state, its mapping, its conflicts.

import { answer, at, chosen, http } from '../../api/client'
import type { Page, Paging, Schema } from '../../api/types'

/** How a connected CRM stands. */
export type Sync = Schema<'Sync'>
export type SyncState = Schema<'SyncState'>
export type Phase = Schema<'Phase'>

/** How the words of a CRM are understood here. */
export type Mapping = Schema<'Mapping'>
export type OwnersMode = Schema<'OwnersMode'>

/** An employee of the CRM, and who they are here. */
export type MappedUser = Schema<'UserMapping'>

/** What may be changed of a mapping. Of the lists, what is named is changed; a user of 0 is none, null has it looked for again. */
export interface MappingDraft {
  kinds: string[]
  owners: OwnersMode
  make_users: boolean
  status_field: string
  statuses: Record<string, string>
  users: Record<string, number | null>
  stages: Record<string, string>
}

/** Something that is not here as it is there. `code` is why it was not applied. */
export type Conflict = Schema<'Conflict'>

/** A consent that was given. `why` is a code, where the account does not send its changes here. */
export type GivenConsent = Schema<'GivenConsent'>

/** How a conflict is resolved: by the CRM’s value, or by ours. */
export type Resolution = 'accept' | 'dismiss'

/** The outcome of one conflict of many. `code` is why it was not resolved. */
export type Resolved = Schema<'DecisionResult'>

/** How many conflicts one request resolves. */
const mostAtOnce = 200

const one = (id: number, conflict: number) => ({ params: { path: { id, conflict } } })

export const syncApi = {
  sync: (id: number) => answer(http.GET('/api/v1/sources/{id}/sync', at(id))),
  /** Asks the CRM whether it lets us in; gives which account the connection leads to. */
  reach: (id: number, code: string, subscribe: boolean) =>
    answer(
      http.POST('/api/v1/sources/{id}/connect', {
        ...at(id),
        body: { ...(code ? { code } : {}), ...(subscribe ? { subscribe } : {}) },
      }),
    ),
  /** Begins to let us into an account of amoCRM: gives its page of consent. */
  beginConsent: (id: number) => answer(http.POST('/api/v1/sources/{id}/consent', at(id))),
  /** Gives the server what the account led an administrator back with. */
  takeConsent: (brought: Schema<'BroughtConsent'>) => answer(http.POST('/api/v1/sources/consent', { body: brought })),
  /** Starts a whole import again, or goes on with a broken one. */
  runImport: (id: number) => answer(http.POST('/api/v1/sources/{id}/sync/import', at(id))),
  mapping: (id: number) => answer(http.GET('/api/v1/sources/{id}/sync/mapping', at(id))),
  changeMapping: (id: number, draft: MappingDraft, version: number) =>
    answer(http.PUT('/api/v1/sources/{id}/sync/mapping', { ...at(id), body: { ...draft, version } })),
  conflicts: (id: number, query: Paging) =>
    answer(http.GET('/api/v1/sources/{id}/sync/conflicts', { params: { path: { id }, query: chosen(query) } })),
  accept: (id: number, conflict: number) =>
    answer(http.POST('/api/v1/sources/{id}/sync/conflicts/{conflict}/accept', one(id, conflict))),
  dismiss: (id: number, conflict: number) =>
    answer(http.POST('/api/v1/sources/{id}/sync/conflicts/{conflict}/dismiss', one(id, conflict))),
  /** Decides many, each by itself; those that were refused are among the results. */
  resolveAll: async (id: number, resolution: Resolution, ids: number[]): Promise<Resolved[]> => {
    const results: Resolved[] = []
    for (let from = 0; from < ids.length; from += mostAtOnce) {
      const chunk = { ...at(id), body: { ids: ids.slice(from, from + mostAtOnce) } }
      const { items }: Page<Resolved> =
        resolution === 'accept'
          ? await answer(http.POST('/api/v1/sources/{id}/sync/conflicts/accept', chunk))
          : await answer(http.POST('/api/v1/sources/{id}/sync/conflicts/dismiss', chunk))
      results.push(...items)
    }
    return results
  },
}
