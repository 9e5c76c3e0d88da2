// The records of the API as the screens use them; see the contract's table of routes.

import type { Color, Direction, Person, StatusRef, Verdict } from './contract'

export interface Page<T> {
  items: T[]
  next_page_token: string
}

export type Role = 'agent' | 'supervisor' | 'admin' | 'service' | 'display'

export interface Me extends Person {
  login: string
  roles: Role[]
  department_id: number | null
  language: string
}

/** A phone of a record: `value` as typed, `e164` as read, `valid` whether it could be read. */
export interface Phone {
  value: string
  kind: string
  e164?: string
  extension?: string
  valid?: boolean
  /** When this number came to this record. */
  since?: string
}

/** A company, contact or lead; what only one kind has is optional. An id of 0 is nobody. */
export interface Client {
  id: number
  name: string
  owner_id: number
  owner: Person | null
  phones: Phone[]
  emails: string[]
  version: number
  created_at?: string
  updated_at?: string
  team_ids?: number[]
  status?: StatusRef | null
  post?: string
  company_ids?: number[]
  companies?: Array<{ id: number; name: string }>
  title?: string
  stage?: string
  company_id?: number
  company?: { id: number; name: string } | null
  contact_id?: number
}

export type CardEffect = 'none' | 'banner' | 'yellow' | 'red'

export interface Status {
  id: number
  code: string
  name: string
  sort: number
  color: string
  card_effect: CardEffect
  is_protected: boolean
  is_default: boolean
  /** Ships with the product, cannot be removed. */
  is_system: boolean
  active: boolean
  version: number
}

export interface CallRow {
  id: number
  source: string
  call_id: string
  direction: Direction
  state: 'ringing' | 'talking' | 'ended'
  result: string
  number: string
  line: string
  started_at: string
  answered_at: string | null
  ended_at: string | null
  duration: number | null
  recording_url: string
  agents: Array<{ agent: Person | null; state: string; verdict: Verdict }>
}

/** What surrounds a client; a part that the server does not know yet is absent. */
export interface Related {
  companies?: RelatedRecord[]
  contacts?: RelatedRecord[]
  leads?: RelatedRecord[]
  calls?: RelatedCall[]
}

export interface RelatedRecord {
  id: number
  name: string
  owner: Person | null
  status?: StatusRef | null
  stage?: string
}

/** A past call of a client; `agent` is the name of who talked, or was called. */
export interface RelatedCall {
  id: number
  direction: Direction
  result: string
  number: string
  started_at: string
  /** Seconds. */
  duration: number
  agent: string
  color: Color
}

/** One sentence of the journal. */
export interface JournalEntry {
  id: number
  at: string
  actor?: Person | null
  verb: string
  words: string
}

/** The answer of `GET /clients/{kind}/{id}`. */
export interface ClientPage {
  related: Related
  history: JournalEntry[]
}

export interface Source {
  id: number
  name: string
  dialect: string
  active: boolean
  last_request_at?: string | null
}

/** One request that a source sent, secrets masked. */
export interface SourceRequest {
  id: number
  at: string
  method: string
  path: string
  outcome: string
  why: string
  understood: string
  body: string
}
