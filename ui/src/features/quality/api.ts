// What is wrong with the records: reports, duplicates, and the merge that mends them.

import { answer, at, chosen, http } from '../../api/client'
import type { Paging, Schema } from '../../api/types'
import type { Client } from '../clients/api'

export type Report = Schema<'Report'>
export type Reason = Schema<'Reason'>

/** A record that a report or a group of duplicates names. */
export type Found = Schema<'Found'>

/** One line of a report; `value` is the number or the phone as typed, `company` whose number it is. */
export type Flaw = Schema<'Flaw'>

/** Records that may be one and the same, the oldest first; `records` are the first fifty of `total`. */
export type Duplicates = Schema<'Group'>

/** What a merge will do, field by field. */
export type MergePreview = Schema<'MergePreview'>
export type MergeField = Schema<'MergeField'>

/** Whose value a field gets, by the id of a record; a field that is left out follows its rule. */
export type MergeChoices = { name?: number; owner?: number; post?: number }

/** What is merged into a record. */
export interface MergeRequest {
  from_ids: number[]
  fields: MergeChoices
  reason: string
  version: number
}

/** The reports in the order of the screen. */
export const reports: Report[] = [
  'shared_numbers',
  'contacts_without_company',
  'companies_without_status',
  'companies_without_phone',
  'companies_without_owner',
  'owner_inactive',
  'leads_of_companies',
  'unreadable_numbers',
]

export const qualityApi = {
  counts: () => answer(http.GET('/api/v1/reports/data-quality')),
  report: (report: Report, query: Paging) =>
    answer(http.GET('/api/v1/reports/data-quality/{report}', { params: { path: { report }, query: chosen(query) } })),
  /** Where the whole report can be downloaded. */
  file: (report: Report) => `/api/v1/reports/data-quality/${report}?format=csv`,
  duplicates: (query: Paging & { kind: string; reason?: string }) =>
    answer(http.GET('/api/v1/duplicates', { params: { query: chosen(query) } })),
  /** Remembers that no two of some records are one and the same. */
  notDuplicates: (records: Found[]) =>
    answer(
      http.POST('/api/v1/not-duplicates', {
        body: { records: records.map(({ kind, id }) => ({ kind, id })), reason: '' },
      }),
    ),
  /** What the merge will do; nothing is changed. */
  preview: (
    kind: 'company' | 'contact',
    id: number,
    from_ids: number[],
    fields: MergeChoices,
  ): Promise<MergePreview> => {
    const body = { from_ids, fields, reason: '', version: 0 }
    return kind === 'company'
      ? answer(http.POST('/api/v1/companies/{id}/merge/preview', { ...at(id), body }))
      : answer(http.POST('/api/v1/contacts/{id}/merge/preview', { ...at(id), body }))
  },
  /** Merges other records into one, whose version must be the present one. */
  merge: (kind: 'company' | 'contact', id: number, body: MergeRequest): Promise<Client> => {
    return kind === 'company'
      ? answer(http.POST('/api/v1/companies/{id}/merge', { ...at(id), body }))
      : answer(http.POST('/api/v1/contacts/{id}/merge', { ...at(id), body }))
  },
}
