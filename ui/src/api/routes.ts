// The routes that the screens use. Paths, parameters and bodies are checked
// against schema.ts, which `npm run schema` makes of the server's openapi.json.

import { answer, at, chosen, http } from './client'
import type { Card, Direction, Kind } from './contract'
import type {
  CallRow,
  Client,
  ClientPage,
  Connected,
  Dialect,
  Me,
  Page,
  Source,
  SourceRequest,
  Status,
  User,
} from './records'
import type { components } from './schema'

/** A page of a list, and what chooses its rows; fields without a value do not choose. */
export interface ListQuery {
  limit?: number
  page_token?: string
  q?: string
  status?: string
  owner_id?: number
  agent?: string
  color?: string
}

/** What may be written of a client. */
export interface ClientDraft {
  name: string
  owner_id: number
  phones: Array<{ value: string; kind: string }>
  emails: string[]
}

/** What may be written of a status. */
export type StatusDraft = Pick<
  Status,
  'name' | 'sort' | 'color' | 'card_effect' | 'is_protected' | 'is_default' | 'active'
>

/** What a new source is made of; an empty secret has one made where the dialect lets us choose. */
export interface SourceDraft {
  name: string
  dialect: string
  secret: string
  settings: Record<string, string>
  country: string
  area: string
}

/** The document asks for what the server itself finds out of a phone; it is not sent. */
const asWritten = (phones: ClientDraft['phones']) => phones as components['schemas']['Phone'][]

export const api = {
  me: () => answer<Me>(http.GET('/api/v1/me')),
  signIn: (login: string, password: string) =>
    answer<User>(http.POST('/api/v1/session', { body: { login, password } })),
  signOut: () => answer<undefined>(http.DELETE('/api/v1/session')),
  /** Users by name, those who have left included: they still own clients and history. */
  users: () => answer<Page<User>>(http.GET('/api/v1/users', { params: { query: { limit: 200 } } })),

  check: (number: string, direction: Direction, agent?: string) =>
    answer<Card>(http.POST('/api/v1/check', { body: { number, direction, ...(agent ? { agent } : {}) } })),

  clients: (kind: Kind, wanted: ListQuery) => {
    const query = { params: { query: chosen(wanted) } }
    if (kind === 'company') return answer<Page<Client>>(http.GET('/api/v1/companies', query))
    return kind === 'contact'
      ? answer<Page<Client>>(http.GET('/api/v1/contacts', query))
      : answer<Page<Client>>(http.GET('/api/v1/leads', query))
  },
  client: (kind: Kind, id: number) => {
    if (kind === 'company') return answer<Client>(http.GET('/api/v1/companies/{id}', at(id)))
    return kind === 'contact'
      ? answer<Client>(http.GET('/api/v1/contacts/{id}', at(id)))
      : answer<Client>(http.GET('/api/v1/leads/{id}', at(id)))
  },
  clientPage: (kind: Kind, id: number) =>
    answer<ClientPage>(http.GET('/api/v1/clients/{kind}/{id}', { params: { path: { kind, id } } })),
  addClient: (kind: Kind, { name, ...draft }: ClientDraft) => {
    const rest = { ...draft, phones: asWritten(draft.phones) }
    if (kind === 'company')
      return answer<Client>(http.POST('/api/v1/companies', { body: { name, ...rest, team_ids: [], status: '' } }))
    if (kind === 'contact')
      return answer<Client>(http.POST('/api/v1/contacts', { body: { name, ...rest, post: '', company_ids: [] } }))
    return answer<Client>(
      http.POST('/api/v1/leads', {
        body: { title: name, name: '', ...rest, company_id: 0, contact_id: 0, stage: '', source: '' },
      }),
    )
  },
  changeClient: (kind: Kind, id: number, { name, ...draft }: ClientDraft, version: number) => {
    const rest = { ...draft, phones: asWritten(draft.phones), reason: '', version }
    if (kind === 'company')
      return answer<Client>(http.PUT('/api/v1/companies/{id}', { ...at(id), body: { name, ...rest } }))
    if (kind === 'contact')
      return answer<Client>(http.PUT('/api/v1/contacts/{id}', { ...at(id), body: { name, ...rest } }))
    return answer<Client>(http.PUT('/api/v1/leads/{id}', { ...at(id), body: { title: name, ...rest } }))
  },
  changeStatus: (id: number, status: string, reason: string, version: number) =>
    answer<Client>(http.PUT('/api/v1/companies/{id}/status', { ...at(id), body: { status, reason, version } })),

  statuses: () => answer<Page<Status>>(http.GET('/api/v1/statuses')),
  addStatus: (code: string, draft: StatusDraft) =>
    answer<Status>(http.POST('/api/v1/statuses', { body: { code, ...draft } })),
  changeEntry: (status: string, draft: StatusDraft, version: number) =>
    answer<Status>(
      http.PUT('/api/v1/statuses/{status}', { params: { path: { status } }, body: { ...draft, version } }),
    ),
  removeStatus: (status: string) =>
    answer<undefined>(http.DELETE('/api/v1/statuses/{status}', { params: { path: { status } } })),

  calls: (wanted: ListQuery) => answer<Page<CallRow>>(http.GET('/api/v1/calls', { params: { query: chosen(wanted) } })),
  call: (id: number) => answer<CallRow>(http.GET('/api/v1/calls/{id}', at(id))),

  /** Says why the reader goes on with a call although his card is red. */
  giveReason: (id: number, reason: string) =>
    answer<unknown>(http.POST('/api/v1/calls/{id}/reason', { ...at(id), body: { reason } })),

  /** Tells that the reader closed his card of this call; the call itself goes on. */
  putAway: (id: number) => answer<undefined>(http.POST('/api/v1/calls/{id}/card/close', at(id))),

  dialects: () => answer<Page<Dialect>>(http.GET('/api/v1/dialects')),
  addSource: (draft: SourceDraft) => answer<Connected>(http.POST('/api/v1/sources', { body: draft })),
  sources: () => answer<Page<Source>>(http.GET('/api/v1/sources')),
  changeSource: (
    id: number,
    change: { settings: Record<string, string>; country: string; area: string; active: boolean },
    version: number,
  ) => answer<Source>(http.PUT('/api/v1/sources/{id}', { ...at(id), body: { ...change, version } })),
  /** Gives the source a new secret, a made one where `secret` is empty; the old one holds for another 24 hours. */
  rotateSource: (id: number, secret: string) =>
    answer<Connected>(http.POST('/api/v1/sources/{id}/rotate', { ...at(id), body: { secret } })),
  removeSource: (id: number) => answer<undefined>(http.DELETE('/api/v1/sources/{id}', at(id))),
  sourceLog: (id: number) => answer<Page<SourceRequest>>(http.GET('/api/v1/sources/{id}/log', at(id))),
  testSource: (id: number, number: string, agent: string) =>
    answer<Card>(http.POST('/api/v1/sources/{id}/test', { ...at(id), body: { number, agent } })),
}
