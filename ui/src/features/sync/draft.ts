import type { Faults } from '../../parts/faults'
import type { Mapping, MappingDraft } from './api'

/** A mapping as it is being changed; `users` and `stages` are only those that the reader has chosen again. */
export type Draft = MappingDraft

/** What each of its parts is given. */
export interface MappingProps {
  mapping: Mapping
  draft: Draft
  put: (change: Partial<Draft>) => void
  faults: Faults
}

export function draftOf({ kinds, owners, make_users, status_field, statuses }: Mapping): Draft {
  return {
    kinds,
    owners,
    make_users,
    status_field,
    users: {},
    stages: {},
    statuses: Object.fromEntries(statuses.map(({ value, status }) => [value, status])),
  }
}

/** The entries of a field, as the CRM names them. */
export function entriesOf(
  { status_fields, status_field, statuses }: Mapping,
  field: string,
): Array<{ value: string; name: string }> {
  return status_fields.find(({ code }) => code === field)?.entries ?? (field === status_field ? statuses : [])
}

/** One spelling for words that a person would call the same. */
const fold = (text: string): string => text.trim().toLowerCase().replaceAll('ё', 'е').replace(/\s+/g, ' ')

/** The statuses of ours that have the name of an entry which has none yet; chosen ones stay. */
export function sameNames(
  entries: Array<{ value: string; name: string }>,
  ours: Array<{ code: string; name: string }>,
  chosen: Record<string, string>,
): Record<string, string> {
  const byName = new Map(ours.map(({ code, name }) => [fold(name), code]))
  const found = entries.flatMap(({ value, name }) => {
    const code = chosen[value] || byName.get(fold(name))
    return code ? [[value, code] as const] : []
  })
  return { ...chosen, ...Object.fromEntries(found) }
}
