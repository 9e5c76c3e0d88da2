// Incidents: conversations that took place on a red card.

import { answer, at, chosen, http } from '../../api/client'
import type { Paging, Schema } from '../../api/types'

export type Incident = Schema<'Incident'>
export type IncidentState = Schema<'IncidentState'>

/** Incidents counted: `key` is an id or a day as 2026-03-12, `open` those not acknowledged yet. */
export type IncidentCount = Schema<'IncidentsLine'>

/** What chooses incidents; times RFC 3339. Fields without a value do not choose. */
export interface IncidentQuery extends Paging {
  agent_id?: number
  owner_id?: number
  company_id?: number
  department_id?: number
  state?: IncidentState | ''
  from?: string
  until?: string
}

export const groupings = ['agent', 'owner', 'company', 'day'] as const
export type Grouping = (typeof groupings)[number]

const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone

export const incidentsApi = {
  list: (query: IncidentQuery) => answer(http.GET('/api/v1/incidents', { params: { query: chosen(query) } })),
  incident: (id: number) => answer(http.GET('/api/v1/incidents/{id}', at(id))),
  acknowledge: (id: number, reason: string, version: number) =>
    answer(http.POST('/api/v1/incidents/{id}/acknowledge', { ...at(id), body: { reason, version } })),
  report: (by: Grouping, query: IncidentQuery) =>
    answer(
      http.GET('/api/v1/reports/incidents', { params: { query: { by, ...chosen(query), limit: 200, zone: zone() } } }),
    ),
  /** Where the same rows can be downloaded as a file. */
  file: (query: IncidentQuery) => `/api/v1/incidents?${new URLSearchParams({ ...texts(query), format: 'csv' })}`,
  reportFile: (by: Grouping, query: IncidentQuery) =>
    `/api/v1/reports/incidents?${new URLSearchParams({ by, ...texts(query), zone: zone(), format: 'csv' })}`,
}

function texts(query: IncidentQuery): Record<string, string> {
  return Object.fromEntries(Object.entries(chosen(query)).map(([name, value]) => [name, String(value)]))
}
