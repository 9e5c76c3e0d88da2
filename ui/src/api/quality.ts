// What is wrong with the records: reports, duplicates, and the merge that mends them.

import type { Named } from './asks'
import { answer, at, chosen, http } from './client'
import type { Kind, Person, StatusRef } from './contract'
import type { Client, Page } from './records'

export const reports = [
  'shared_numbers',
  'contacts_without_company',
  'companies_without_status',
  'companies_without_phone',
  'companies_without_owner',
  'owner_inactive',
  'leads_of_companies',
  'unreadable_numbers',
] as const
export type Report = (typeof reports)[number]

/** A record that a report or a group of duplicates names. */
export interface Found {
  kind: Kind
  id: number
  name: string
  owner: Person | null
  status: StatusRef | null
  updated_at: string
}

/** One line of a report; `value` is the number or the phone as typed, `company` whose number it is. */
export interface Flaw extends Found {
  value: string
  company: Named | null
}

/** Records that may be one and the same, the oldest first; `records` are the first fifty of `total`. */
export interface Duplicates {
  reason: 'number' | 'email' | 'name'
  value: string
  total: number
  records: Found[]
}

export const qualityApi = {
  counts: () =>
    answer<{ items: Array<{ report: Report; count: number }>; at: string }>(http.GET('/api/v1/reports/data-quality')),
  report: (report: Report, wanted: { page_token?: string; limit?: number }) =>
    answer<Page<Flaw>>(
      http.GET('/api/v1/reports/data-quality/{report}', {
        params: { path: { report }, query: chosen(wanted) },
      }) as never,
    ),
  /** Where the whole report can be downloaded. */
  file: (report: Report) => `/api/v1/reports/data-quality/${report}?format=csv`,
  duplicates: (wanted: { kind: string; reason?: string; page_token?: string; limit?: number }) =>
    answer<Page<Duplicates>>(http.GET('/api/v1/duplicates', { params: { query: chosen(wanted) } }) as never),
  /** Merges other records into one, whose version must be the present one. */
  merge: (kind: 'company' | 'contact', id: number, from_ids: number[], reason: string, version: number) => {
    const body = { from_ids, reason, version }
    return kind === 'company'
      ? answer<Client>(http.POST('/api/v1/companies/{id}/merge', { ...at(id), body }))
      : answer<Client>(http.POST('/api/v1/contacts/{id}/merge', { ...at(id), body }))
  },
}
