// A connected CRM whose records are mirrored here: how it stands, how its words are understood, what is not the same.

import type { Named } from './asks'
import { answer, at, chosen, http } from './client'
import type { Kind } from './contract'
import type { Page } from './records'

export type SyncState = 'off' | 'not_installed' | 'connecting' | 'importing' | 'following' | 'failed'
export type Phase = 'staff' | 'companies' | 'contacts' | 'leads' | 'gone'

/** How a connected CRM stands. */
export interface Sync {
  state: SyncState
  /** Whereto the connection leads, and as whom we ask; null while the CRM has not answered. */
  portal: { name: string; url: string; user: string } | null
  /** What failed last. */
  error: { code: string; text: string; at: string } | null
  /** How far the whole import is; `total` is -1 where the CRM does not say. Null before the first. */
  import: { phase: Phase; done: number; total: number; started_at: string; finished_at: string | null } | null
  /** Linked records, and how many were added and changed here since the CRM was connected. */
  counts: Array<{ kind: Kind | 'user'; linked: number; added: number; changed: number }>
  /** Records that wait to be read again. */
  queue: number
  caught_up_at: string | null
  differences: number
}

/** Whose word counts for what the table of rights guards: that of whoever changed it there, or the CRM's. */
export type OwnersMode = 'guarded' | 'crm'

export type How = 'chosen' | 'email' | 'extension' | 'name' | 'made' | 'none'

/** An employee of the CRM, and who he is here. */
export interface TheirUser {
  id: string
  name: string
  email: string
  extension: string
  active: boolean
  user: Named | null
  how: How
}

/** How the words of a CRM are understood here. */
export interface Mapping {
  version: number
  kinds: string[]
  owners: OwnersMode
  /** Whoever has no counterpart here is made one. */
  make_users: boolean
  /** The field of a company with its status; empty for none. */
  status_field: string
  status_fields: Array<{ code: string; name: string; entries: Array<{ value: string; name: string }> }>
  /** The entries of the chosen field, each with a code of ours, empty for none. */
  statuses: Array<{ value: string; name: string; status: string }>
  users: TheirUser[]
  stages: Array<{ value: string; name: string; stage: string }>
}

/** What may be changed of a mapping. Of the lists, what is named is changed; a user of 0 is nobody, null has him looked for again. */
export interface MappingDraft {
  kinds: string[]
  owners: OwnersMode
  make_users: boolean
  status_field: string
  statuses: Record<string, string>
  users: Record<string, number | null>
  stages: Record<string, string>
}

/** Something that is not here as it is there. `code` says why it was not applied. */
export interface Difference {
  id: number
  kind: Kind
  their_id: string
  their_url: string
  /** Ours; null where there is none. */
  record: { kind: Kind; id: number; name: string } | null
  what: string
  code: string
  ours: string
  theirs: string
  /** Who of ours changed it there; null where nobody knows. */
  by: Named | null
  at: string
}

/** A consent that was given. `why` is a code, where the account does not send its changes here. */
export interface GivenConsent {
  source_id: number
  source: string
  portal: { name: string; url: string; user: string }
  subscribed: boolean
  why: string
}

/** What is done about a difference: taken as it is there, or left as it is here. */
export type Deed = 'accept' | 'dismiss'

/** What came of one difference of many. `code` says why it was not done. */
export interface Settled {
  id: number
  done: boolean
  code: string
  args?: Record<string, unknown>
}

/** How many differences one request decides. */
const mostAtOnce = 200

export const syncApi = {
  sync: (id: number) => answer<Sync>(http.GET('/api/v1/sources/{id}/sync', at(id))),
  /** Asks the CRM whether it lets us in; gives whereto the connection leads. */
  reach: (id: number, code: string, subscribe: boolean) =>
    answer<{ name: string; url: string; user: string }>(
      http.POST('/api/v1/sources/{id}/connect', {
        ...at(id),
        body: { ...(code ? { code } : {}), ...(subscribe ? { subscribe } : {}) },
      }),
    ),
  /** Begins to let us into an account of amoCRM: gives its page of consent. */
  beginConsent: (id: number) =>
    answer<{ url: string; until: string }>(http.POST('/api/v1/sources/{id}/consent', at(id))),
  /** Gives the server what the account led an administrator back with. */
  takeConsent: (brought: { state: string; code: string; referer: string; error: string }) =>
    answer<GivenConsent>(http.POST('/api/v1/sources/consent', { body: brought })),
  /** Starts a whole import anew, or goes on with a broken one. */
  bringIn: (id: number) => answer<Sync>(http.POST('/api/v1/sources/{id}/sync/import', at(id))),
  mapping: (id: number) => answer<Mapping>(http.GET('/api/v1/sources/{id}/sync/mapping', at(id))),
  changeMapping: (id: number, draft: MappingDraft, version: number) =>
    answer<Mapping>(http.PUT('/api/v1/sources/{id}/sync/mapping', { ...at(id), body: { ...draft, version } })),
  differences: (id: number, wanted: { page_token?: string; limit?: number }) =>
    answer<Page<Difference>>(
      http.GET('/api/v1/sources/{id}/sync/differences', { params: { path: { id }, query: chosen(wanted) } }),
    ),
  accept: (id: number, difference: number) =>
    answer<undefined>(
      http.POST('/api/v1/sources/{id}/sync/differences/{difference}/accept', { params: { path: { id, difference } } }),
    ),
  dismiss: (id: number, difference: number) =>
    answer<undefined>(
      http.POST('/api/v1/sources/{id}/sync/differences/{difference}/dismiss', { params: { path: { id, difference } } }),
    ),
  /** Decides many, each by itself; those that were refused are among the results. */
  settleAll: async (id: number, deed: Deed, ids: number[]): Promise<Settled[]> => {
    const results: Settled[] = []
    for (let from = 0; from < ids.length; from += mostAtOnce) {
      const wanted = { ...at(id), body: { ids: ids.slice(from, from + mostAtOnce) } }
      const { items } = await answer<Page<Settled>>(
        deed === 'accept'
          ? http.POST('/api/v1/sources/{id}/sync/differences/accept', wanted)
          : http.POST('/api/v1/sources/{id}/sync/differences/dismiss', wanted),
      )
      results.push(...items)
    }
    return results
  },
}
