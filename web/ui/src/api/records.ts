// The records of the API as the screens use them; see the contract's table of routes.

import type { Card, Direction, Kind, Person, StatusRef, Verdict } from './contract'

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

export interface Phone {
  value: string
  kind: string
  e164?: string
  since?: string
}

/** A company, contact or lead; what only one kind has is optional. */
export interface Client {
  id: number
  name: string
  owner_id: number | null
  owner?: Person | null
  phones: Phone[]
  emails: string[]
  version: number
  created_at?: string
  updated_at?: string
  team_ids?: number[]
  status?: StatusRef | null
  company_ids?: number[]
  companies?: Array<{ id: number; name: string }>
  title?: string
  company_id?: number | null
  company?: { id: number; name: string } | null
  contact_id?: number | null
  stage?: string
}

export type CardEffect = 'none' | 'banner' | 'yellow' | 'red'

export interface Status {
  code: string
  name: string
  sort: number
  color: string
  card_effect: CardEffect
  is_protected: boolean
  is_default: boolean
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
  deals?: RelatedRecord[]
  tasks?: RelatedRecord[]
  calls?: CallRow[]
}

export interface RelatedRecord {
  kind?: Kind
  id: number
  name: string
  owner?: Person | null
  status?: StatusRef | null
  stage?: string
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

export type { Card }
