// The records of the API as the screens use them; see the contract's table of routes.

import type { CardNumber, Color, Direction, Match, Person, StatusRef, Verdict } from './contract'

export interface Page<T> {
  items: T[]
  next_page_token: string
}

export type Role = 'agent' | 'supervisor' | 'admin' | 'service' | 'display'

/** One of us. `department_id` is 0 for none. */
export interface User {
  id: number
  login: string
  name: string
  roles: Role[]
  department_id: number
  /** The first of `extensions`, empty without one. */
  extension: string
  extensions: string[]
  /** His own phones. */
  phones: string[]
  language: string
  active: boolean
  version: number
}

/** Whoever is signed in; `teams` are the departments he heads. */
export interface Me extends User {
  teams: number[]
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

/** A line of the call journal. `result` is empty until the call ended; `duration` is of the talk, in seconds. */
export interface CallRow {
  id: number
  source: string
  call_id: string
  direction: Direction
  state: 'ringing' | 'talking' | 'ended'
  result: string
  number: CardNumber
  line: string
  started_at: string
  answered_at: string | null
  ended_at: string | null
  duration: number
  recording_url: string
  note: string
  agents: CallPart[]
}

/** One agent's part of a call: the verdict and its subject as they were shown. `name` is what the PBX called him. */
export interface CallPart {
  agent: Person | null
  name: string
  state: string
  verdict: Verdict
  subject: Match | null
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

/** One entry of the journal. `actor` is a user's id, 0 for a machine; `words` are details that depend on the verb. */
export interface JournalEntry {
  id: number
  at: string
  actor: number
  verb: string
  /** What it happened to; an id of 0 is nothing. */
  subject: Ref
  /** The client that it concerns; an id of 0 is none. */
  client: Ref
  /** The client's name, where a screen has found it out. */
  client_name?: string
  details: unknown
}

/** A record by its kind in the words of the product, and its id. */
export interface Ref {
  kind: string
  id: number
}

/** The answer of `GET /clients/{kind}/{id}`. */
export interface ClientPage {
  client: Match
  related: Related
  history: JournalEntry[]
}

/** A text in the languages of the house. */
export interface Words {
  ru: string
  en: string
}

/** One thing to do on the other side. `copy` is what goes there to the letter; `veiled`: SECRET stands in it for the secret. */
export interface Step {
  text: Words
  copy: string
  veiled: boolean
}

/** How many requests of a source came to the same. */
export interface Count {
  outcome: string
  day: number
  week: number
  ever: number
  last_at: string
}

/** A connected PBX or CRM; `steps` tell what to do there. */
export interface Source {
  id: number
  name: string
  dialect: string
  /** Secrets among them are veiled; sent back so, they stay as they are. */
  settings: Record<string, string>
  /** Of its numbers; empty where they are the installation's. */
  country: string
  area: string
  active: boolean
  version: number
  url: string
  steps: Step[]
  /** To upload on the other side. */
  files: Array<{ name: string; text: string }>
  /** What became of its requests, most frequent first. */
  counts: Count[]
  /** When it last said something that was understood; null for never. */
  heard_at: string | null
  /** How it is with our connection to it; null where it only speaks to us. `why` is a code. */
  link: { state: string; why?: string } | null
}

/** A wire language that a source can have. */
export interface Dialect {
  name: string
  /** Whose language it is, for people. */
  title: Words
  /** The other side chooses the secret. */
  secret_required: boolean
  settings: Setting[]
  /** What its sources can do, once they are set up for it. */
  speaks: { calls: boolean; names: boolean; dials: boolean; crm: boolean }
  /** Where the other side has to lead an administrator's browser back to; empty where it does not. */
  return_url: string
}

/** One further setting of a source. A secret is never shown again; sent back as it is shown, it stays. */
export interface Setting {
  name: string
  /** text, secret, switch, choice or address. */
  kind: string
  /** connection, calls, names, dial or rare. */
  topic: string
  label: Words
  hint: Words
  /** What counts when it is not set. */
  usual: string
  values: string[]
  required: boolean
}

/** The answer to a new source. `secret` is shown this once; empty when the other side chose it. */
export interface Connected {
  source: { id: number; name: string; dialect: string }
  secret: string
  url: string
  steps: Step[]
  /** To upload on the other side. */
  files: Array<{ name: string; text: string }>
}

/** One request that a source sent, secrets masked. `refused` is a code, empty when it was understood. */
export interface SourceRequest {
  id: number
  at: string
  method: string
  path: string
  body: string
  status: number
  understood: unknown
  refused: string
}

/** What is inside `understood` when it is not null: the request in the words of the generic dialect. `ignored` says why nothing came of it. */
export interface Understanding {
  events?: Array<{
    event: string
    call_id: string
    direction?: string
    number?: string
    agent?: string
    result?: string
  }>
  asked?: Record<string, unknown>
  note?: string
  ignored?: string
}
