// The Card of the contract, by hand: `<call-card>` has no dependency, not even
// on the generated client, and must survive a server one version older.

export type Color = 'red' | 'yellow' | 'blue' | 'none' | 'grey'
export type Kind = 'company' | 'contact' | 'lead'
export type CallState = 'ringing' | 'talking' | 'ended'
export type Direction = 'in' | 'out'
export type NumberKind = 'external' | 'internal' | 'hidden' | 'invalid'
export type Relation = 'foreign' | 'own' | 'team' | 'deputy' | 'permit' | 'supervisor' | 'admin' | 'none'
export type Action = 'pass_to_owner' | 'ask_head' | 'ask_permit' | 'open' | 'create_lead' | 'create_contact'

/** A person of ours, as far as a card names him. `extension` is empty when he has none. */
export interface Person {
  id: number
  name: string
  login?: string
  extension?: string
  /** false when the owner has left and somebody else must be asked. */
  active?: boolean
}

/** The status of a company, in the words of the directory. */
export interface StatusRef {
  code: string
  name: string
  /** Of its label in lists, #RRGGBB. */
  color?: string
}

/** The call of a card. Absent on the answer of `POST /check`. Times are RFC 3339. */
export interface CardCall {
  id: number
  source: string
  call_id: string
  direction: Direction
  state: CallState
  started_at: string
  answered_at: string | null
  ended_at: string | null
}

export interface CardNumber {
  raw: string
  e164: string
  kind: NumberKind
  extension: string
}

/** The decision: colour, reason code, and words in the agent's language. */
export interface Verdict {
  color: Color
  why: string
  relation: Relation
  title: string
  text: string
  /** true when the neutral card carries a strip that must be read. */
  banner: boolean
  /** The row of the decision table, such as "5" or "15a". */
  row?: string
  policy: number
  decided_at: string
  /** Background and ink as #RRGGBB, where the policy paints this colour its own way; otherwise the card's own look. */
  shade?: { back: string; ink: string } | null
  /** A shape of icons.ts that the policy gives this reason; otherwise the card's own choice. */
  icon?: string
}

/** The company beside a contact or lead. */
export interface CompanyRef {
  id: number
  name: string
  owner?: Person | null
  status?: StatusRef | null
}

/** One record that the number leads to; the subject of a card is the first of them. */
export interface Match {
  kind: Kind
  id: number
  name: string
  owner?: Person | null
  /** Of a company. */
  status?: StatusRef | null
  /** Of a contact or lead. */
  company?: CompanyRef | null
  via?: 'direct' | 'contact' | 'lead'
  /** Since when the number leads there. */
  since?: string
  url?: string
}

/** What an agent sees at the moment of a call. */
export interface Card {
  call?: CardCall | null
  number: CardNumber
  agent?: Person | null
  verdict: Verdict
  subject?: Match | null
  matches?: Match[] | null
  /** All matches, also those above the 50 that are listed. */
  matches_total?: number
  actions?: Action[] | null
  /** The number is on the do-not-call list, whatever the colour; `block`: it must not be called. */
  do_not_call?: { mode: 'warn' | 'block'; text?: string; reason: string; since: string; until?: string | null } | null
  /** What lets the agent work with the client for now. */
  permit?: { id: number; until: string; by?: { id: number; name: string } | null } | null
  /** What the policy wants of an agent who goes on all the same. */
  enforcement?: { mode: 'warn' | 'reason' | 'permit'; met: boolean; reason?: string; text?: string } | null
  /** Those of us whose extension or own phone the number is. */
  colleagues?: Array<{ id: number; name: string }> | null
}

/** A card belongs to one agent on one call; this is its name everywhere in the UI. */
export function cardKey(card: Card): string {
  return `${card.call?.id ?? 0}:${card.agent?.id ?? 0}`
}
