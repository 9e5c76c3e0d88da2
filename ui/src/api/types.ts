// The words of the API that several features share, derived from its own document: schema.ts is made of openapi.json.

import type { components } from './schema'

type Schemas = components['schemas']

/** A type of the API by its name in the document. */
export type Schema<Name extends keyof Schemas> = Schemas[Name]

/** A page of a list; an empty token is the last one. */
export interface Page<T> {
  items: T[]
  next_page_token: string
}

/** What every paged route takes. */
export interface Paging {
  page_token?: string
  limit?: number
}

export type Action = Schema<'Action'>
export type Color = Schema<'Color'>
export type Direction = Schema<'Direction'>
export type Kind = Schema<'Kind'>
export type Role = Schema<'Role'>

/** A record by its id and name. */
export type Named = Schema<'Named'>

/** A record by its kind and id; an id of 0 is none. */
export type Ref = Schema<'Ref'>

/** An employee as records name them. */
export type Person = NonNullable<Match['owner']>

/** A company's status as its entry of the directory names it. */
export type StatusMark = Schema<'StatusMark'>

type FullCard = Schema<'Card'>

/** What an agent sees of a call. A server of an older version may leave anything out but number and verdict. */
export type Card = Pick<FullCard, 'number' | 'verdict'> & {
  [Part in Exclude<keyof FullCard, 'number' | 'verdict'>]?: FullCard[Part] | null
}

export type CardNumber = Schema<'NumberPart'>
export type Verdict = Schema<'VerdictPart'>

/** A record that a number leads to: the subject of a card or one of its matches. */
export type Match = Schema<'Record'>
