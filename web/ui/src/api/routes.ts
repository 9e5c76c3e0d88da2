// The routes that the screens use, by the words of the contract.

import { call, type Query } from './client'
import type { Card, Direction, Kind } from './contract'
import type { CallRow, Client, ClientPage, Me, Page, Source, SourceRequest, Status, User } from './records'

const folder: Record<Kind, string> = { company: '/companies', contact: '/contacts', lead: '/leads' }

/** What may be written of a client. A change carries `version` and only what it changes. */
export interface ClientDraft {
  name?: string
  title?: string
  owner_id?: number
  phones?: Array<{ value: string; kind: string }>
  emails?: string[]
  version?: number
}

/** What may be written of a status. */
export type StatusDraft = Pick<Status, 'name' | 'sort' | 'color' | 'card_effect' | 'is_protected' | 'is_default' | 'active'>

export const api = {
  me: () => call<Me>('GET', '/me'),
  signIn: (login: string, password: string) => call<void>('POST', '/session', { body: { login, password } }),
  signOut: () => call<void>('DELETE', '/session'),

  /** All users by name, the dismissed included: they still own clients and history. */
  users: () => call<Page<User>>('GET', '/users', { query: { limit: 200 } }),

  check: (number: string, direction: Direction, agent?: string) =>
    call<Card>('POST', '/check', { body: { number, direction, ...(agent ? { agent } : {}) } }),

  clients: (kind: Kind, query: Query) => call<Page<Client>>('GET', folder[kind], { query }),
  client: (kind: Kind, id: number) => call<Client>('GET', `${folder[kind]}/${id}`),
  clientPage: (kind: Kind, id: number) => call<ClientPage>('GET', `/clients/${kind}/${id}`),
  addClient: (kind: Kind, draft: ClientDraft) => call<Client>('POST', folder[kind], { body: draft }),
  changeClient: (kind: Kind, id: number, draft: ClientDraft) => call<Client>('PUT', `${folder[kind]}/${id}`, { body: draft }),
  changeStatus: (id: number, status: string, reason: string, version: number) =>
    call<Client>('PUT', `/companies/${id}/status`, { body: { status, version, ...(reason ? { reason } : {}) } }),

  statuses: () => call<Page<Status>>('GET', '/statuses'),
  addStatus: (code: string, draft: StatusDraft) => call<Status>('POST', '/statuses', { body: { code, ...draft } }),
  changeEntry: (code: string, draft: StatusDraft, version: number) =>
    call<Status>('PUT', `/statuses/${encodeURIComponent(code)}`, { body: { ...draft, version } }),
  removeStatus: (code: string) => call<void>('DELETE', `/statuses/${encodeURIComponent(code)}`),

  calls: (query: Query) => call<Page<CallRow>>('GET', '/calls', { query }),
  call: (id: number) => call<CallRow>('GET', `/calls/${id}`),

  sources: () => call<Page<Source>>('GET', '/sources'),
  sourceLog: (id: number) => call<Page<SourceRequest>>('GET', `/sources/${id}/log`),
  testSource: (id: number, number: string, agent: string) => call<Card>('POST', `/sources/${id}/test`, { body: { number, agent } }),
}
