// The call journal, and what an agent does about a call.

import { answer, at, chosen, http } from '../../api/client'
import type { Color, Paging, Schema } from '../../api/types'

export type Call = Schema<'Call'>
/** One agent's part of a call: the verdict and its subject as they were shown. `name` is what the PBX called the agent. */
export type CallAgent = Schema<'CallAgent'>
/** A past call of a client; `agent` is the name of who talked, or was called. */
export type RelatedCall = Schema<'RelatedCall'>

/** What chooses calls; fields without a value do not choose. */
export interface CallQuery extends Paging {
  agent?: string
  color?: Color | ''
}

export const callsApi = {
  list: (query: CallQuery) => answer(http.GET('/api/v1/calls', { params: { query: chosen(query) } })),
  call: (id: number) => answer(http.GET('/api/v1/calls/{id}', at(id))),
  /** Records why the reader goes on with a call although the card is red. */
  giveReason: (id: number, reason: string) =>
    answer(http.POST('/api/v1/calls/{id}/reason', { ...at(id), body: { reason } })),
  /** Records that the reader closed the card of this call; the call itself goes on. */
  closeCard: (id: number) => answer(http.POST('/api/v1/calls/{id}/card/close', at(id))),
}
