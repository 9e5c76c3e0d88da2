// Connected PBXs and CRMs, and the languages that they can speak.

import { answer, at, http } from '../../api/client'
import type { Schema } from '../../api/types'

/** A connected PBX or CRM with what to do on its side. Secrets among its settings are veiled; sent back so, they stay. */
export type Source = Schema<'SourceView'>

/** One thing to do on the other side. `copy` goes there to the letter; `veiled`: SECRET stands in it for the secret. */
export type Step = Schema<'StepView'>

/** How many requests of a source came to the same. */
export type Count = Schema<'RequestCount'>

/** A wire language that a source can have. */
export type Dialect = Schema<'DialectView'>

/** One further setting of a source. A secret is never shown again; sent back as it is shown, it stays. */
export type Setting = Schema<'SettingView'>

/** The answer to a new source. `secret` is shown this once; empty when the other side chose it. */
export type Connected = Schema<'SourceWithSecret'>

/** One request that a source sent, secrets masked. `refused` is a code, empty when it was understood. */
export type SourceRequest = Schema<'LogLine'>

/** What is inside `understood`: the request in the words of the generic dialect. `ignored` is why nothing came of it. */
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
  dropped?: Array<{ field: string; code: string }>
  note?: string
  ignored?: string
}

/** What a field mapping makes of a request; nothing of it was handled. */
export type MappingTried = Schema<'MappingTried'>

/** What a new source is made of; an empty secret has one made where the dialect lets us choose. */
export type SourceDraft = Required<Omit<Schema<'NewSource'>, 'rules'>>

type SourceChange = Omit<Schema<'PutSource'>, 'version'>

/** One rule by which a source's numbers are rewritten before they are read. */
export type NumberRule = Source['rules'][number]

/** What a system answered that is asked for numbers, and what became of it. */
export type LookupTried = Schema<'LookupTried'>

export const sourcesApi = {
  dialects: () => answer(http.GET('/api/v1/dialects')),
  list: () => answer(http.GET('/api/v1/sources')),
  add: (draft: SourceDraft) => answer(http.POST('/api/v1/sources', { body: draft })),
  change: (id: number, change: SourceChange, version: number) =>
    answer(http.PUT('/api/v1/sources/{id}', { ...at(id), body: { ...change, version } })),
  /** Gives the source a new secret, a made one where `secret` is empty; the old one holds for another 24 hours. */
  rotate: (id: number, secret: string) =>
    answer(http.POST('/api/v1/sources/{id}/rotate', { ...at(id), body: { secret } })),
  remove: (id: number) => answer(http.DELETE('/api/v1/sources/{id}', at(id))),
  presets: () => answer(http.GET('/api/v1/mapping-presets')),
  tryMapping: (id: number, trial: { mapping: string; log_id?: number; raw?: string }) =>
    answer(http.POST('/api/v1/sources/{id}/mapping/try', { ...at(id), body: trial })),
  tryRules: (id: number, trial: { numbers: string[]; rules: NumberRule[] }) =>
    answer(http.POST('/api/v1/sources/{id}/number-rules', { ...at(id), body: trial })),
  tryLookup: (id: number, number: string, agent: string) =>
    answer(http.POST('/api/v1/sources/{id}/try', { ...at(id), body: { number, agent } })),
  log: (id: number) => answer(http.GET('/api/v1/sources/{id}/log', at(id))),
  test: (id: number, number: string, agent: string) =>
    answer(http.POST('/api/v1/sources/{id}/test', { ...at(id), body: { number, agent } })),
}
