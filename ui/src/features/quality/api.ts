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
  /** Merges other records into one, whose version must be the present one. */
  merge: (
    kind: 'company' | 'contact',
    id: number,
    from_ids: number[],
    reason: string,
    version: number,
  ): Promise<Client> => {
    const body = { from_ids, reason, version }
    return kind === 'company'
      ? answer(http.POST('/api/v1/companies/{id}/merge', { ...at(id), body }))
      : answer(http.POST('/api/v1/contacts/{id}/merge', { ...at(id), body }))
  },
}
