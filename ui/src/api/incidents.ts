// Incidents: a red card, and a conversation all the same.

import type { Named } from './asks'
import { answer, at, chosen, http } from './client'
import type { Direction } from './contract'
import type { Page } from './records'

/** One incident. Times in seconds: the talk, and from the red card to the hang-up. */
export interface Incident {
  id: number
  call_id: number
  at: string
  direction: Direction
  number: string
  agent: Named
  owner: Named
  company: Named
  why: string
  policy: number
  talk_seconds: number
  card_seconds: number
  recording_url: string
  /** What the agent gave for going on. */
  reason: string
  state: 'open' | 'acknowledged'
  acknowledged: { by: Named; at: string; reason: string } | null
  version: number
}

/** What chooses incidents; times RFC 3339. Fields without a value do not choose. */
export interface IncidentQuery {
  agent_id?: number
  owner_id?: number
  company_id?: number
  department_id?: number
  state?: string
  from?: string
  until?: string
  page_token?: string
  limit?: number
}

export const groupings = ['agent', 'owner', 'company', 'day'] as const
export type Grouping = (typeof groupings)[number]

/** Incidents counted: `key` is an id or a day as 2026-03-12, `open` those not acknowledged yet. */
export interface IncidentCount {
  key: string
  id: number
  name: string
  count: number
  talk_seconds: number
  open: number
}

export const incidentsApi = {
  list: (wanted: IncidentQuery) =>
    answer<Page<Incident>>(http.GET('/api/v1/incidents', { params: { query: chosen(wanted) as object } }) as never),
  incident: (id: number) => answer<Incident>(http.GET('/api/v1/incidents/{id}', at(id)) as never),
  acknowledge: (id: number, reason: string, version: number) =>
    answer<Incident>(
      http.POST('/api/v1/incidents/{id}/acknowledge', { ...at(id), body: { reason, version } }) as never,
    ),
  report: (by: Grouping, wanted: IncidentQuery) =>
    answer<Page<IncidentCount>>(
      http.GET('/api/v1/reports/incidents', {
        params: {
          query: {
            by,
            ...chosen(wanted),
            limit: 200,
            zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
          } as object,
        },
      }) as never,
    ),
  /** Where the same rows can be downloaded as a file. */
  file: (wanted: IncidentQuery) => `/api/v1/incidents?${new URLSearchParams({ ...texts(wanted), format: 'csv' })}`,
  reportFile: (by: Grouping, wanted: IncidentQuery) =>
    `/api/v1/reports/incidents?${new URLSearchParams({ by, ...texts(wanted), zone: Intl.DateTimeFormat().resolvedOptions().timeZone, format: 'csv' })}`,
}

function texts(query: IncidentQuery): Record<string, string> {
  return Object.fromEntries(Object.entries(chosen(query)).map(([name, value]) => [name, String(value)]))
}
