// The policy of the rules, and what would change under another one.

import { answer, chosen, http } from './client'
import type { Color, Kind, Match, Person, Verdict } from './contract'
import type { CardEffect, Page } from './records'
import type { components } from './schema'

/** Background and ink of a card, each #RRGGBB. */
export interface Shade {
  back: string
  ink: string
}

/** Who can hear of an incident. */
export type Hearer = 'owner' | 'owner_head' | 'agent_head'

/** The knobs of the rules. A knob of a newer server stays in the object and goes back unchanged. */
export interface Policy {
  version: number
  priority: Kind[]
  inherit_contact_company: boolean
  inherit_lead_company: boolean
  missing_status: string
  shared_number: string
  leads: string
  team: string
  deputy: string
  own_contact: string
  supervisor: string
  admin: string
  incoming: string
  /** An outgoing call to a number of the do-not-call list: warn or block. */
  do_not_call: string
  /** What is wanted of an agent who sees red and goes on; `permit_hours` is how long a permit lasts when its head says no time. */
  enforcement: { mode: string; permit_hours: number }
  incident_seconds: number
  /** Who hears of an incident. */
  notify: Record<Hearer, boolean>
  palette: Record<Color, Shade>
}

/** One version of the policy; `created_at` is null and `created_by` 0 for the one that ships with the product. */
export interface PolicyVersion {
  version: number
  policy: Policy
  reason: string
  created_at: string | null
  created_by: number
}

/** The new active policy, and what may be meant but looks odd. */
export interface PolicyMade {
  policy: Policy
  warnings: Array<{ field: string; code: string }>
}

/** What is tried: another policy, other effects of statuses, over the last so many calls. */
export interface Trial {
  policy?: Policy
  statuses?: Array<{ code: string; card_effect: CardEffect }>
  last: number
}

/** What a trial would change: counts by old and new colour, and the cards that would differ, the latest first. */
export interface DryRun {
  looked: number
  counts: Array<{ old: Color; new: Color; count: number }>
  calls: CallChange[]
}

/** A card that would have another colour or reason; `shown` is what the agent saw then. */
export interface CallChange {
  call: number
  started_at: string
  number: string
  agent: Person | null
  subject: Match | null
  shown: Color
  old: Verdict
  new: Verdict
}

export const policyApi = {
  active: () => answer<Policy>(http.GET('/api/v1/policy')),
  versions: (wanted: { page_token?: string; limit?: number }) =>
    answer<Page<PolicyVersion>>(http.GET('/api/v1/policy/versions', { params: { query: chosen(wanted) } })),
  /** Makes the draft the active policy; its `version` is the one that it replaces. */
  activate: (draft: Policy, reason: string) =>
    answer<PolicyMade>(
      http.PUT('/api/v1/policy', { body: { ...draft, reason } as components['schemas']['PolicyInput'] }),
    ),
  dryRun: (trial: Trial) =>
    answer<DryRun>(http.POST('/api/v1/policy/dry-run', { body: trial as components['schemas']['DryRunInput'] })),
}
