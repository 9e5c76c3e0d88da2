// The directory of company statuses.

import { answer, http } from '../../api/client'
import type { Schema } from '../../api/types'

export type Status = Schema<'Status'>
export type Effect = Schema<'Effect'>

/** What may be written of a status. */
export type StatusDraft = Pick<
  Status,
  'name' | 'sort' | 'color' | 'card_effect' | 'is_protected' | 'is_default' | 'active'
> & {
  /** Accepts red without protection. */
  confirm?: boolean
}

/** A status in the form; id 0 is a new one. */
export type EditedStatus = StatusDraft & Pick<Status, 'id' | 'code' | 'is_system' | 'version'>

const by = (status: string) => ({ params: { path: { status } } })

export const statusesApi = {
  list: () => answer(http.GET('/api/v1/statuses')),
  add: (code: string, draft: StatusDraft) => answer(http.POST('/api/v1/statuses', { body: { code, ...draft } })),
  change: (code: string, draft: StatusDraft, version: number) =>
    answer(http.PUT('/api/v1/statuses/{status}', { ...by(code), body: { ...draft, version } })),
  remove: (code: string) => answer(http.DELETE('/api/v1/statuses/{status}', by(code))),
}
