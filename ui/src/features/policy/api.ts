// The policy of the rules, and what would change under another one.

import { answer, chosen, http } from '../../api/client'
import type { Paging, Schema } from '../../api/types'

/** The settings of the rules. A setting of a newer server stays in the object and goes back unchanged. */
export type Policy = Schema<'Policy'>

/** One version of the policy; `created_at` is null and `created_by` 0 for the one that ships with the product. */
export type PolicyVersion = Schema<'PolicyVersion'>

/** The new active policy, and what may be meant but looks odd. */
export type PolicyMade = Schema<'PolicyMade'>

/** Background and ink of a card, each #RRGGBB. */
export type Shade = Schema<'Shade'>

/** Who can be told of an incident. */
export type Recipient = keyof Policy['notify']

/** What is tried: another policy, other effects of statuses, over the last so many calls. */
export type Trial = Schema<'DryRunInput'>

/** What a trial would change: counts by old and new colour, and the cards that would differ, the latest first. */
export type DryRun = Schema<'DryRun'>

/** A card that would have another colour or reason; `shown` is what the agent saw then. */
export type CallChange = Schema<'CallChange'>

export const policyApi = {
  active: () => answer(http.GET('/api/v1/policy')),
  versions: (query: Paging) => answer(http.GET('/api/v1/policy/versions', { params: { query: chosen(query) } })),
  /** Makes the draft the active policy; its `version` is the one that it replaces. */
  activate: (draft: Policy, reason: string) => answer(http.PUT('/api/v1/policy', { body: { ...draft, reason } })),
  dryRun: (trial: Trial) => answer(http.POST('/api/v1/policy/dry-run', { body: trial })),
}
