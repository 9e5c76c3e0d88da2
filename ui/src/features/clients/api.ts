// Companies, contacts and leads.

import { answer, at, chosen, http } from '../../api/client'
import type { Kind, Page, Paging, Schema } from '../../api/types'

export type Phone = Schema<'Phone'>
export type Company = Schema<'Company'>
export type Contact = Schema<'Contact'>
export type Lead = Schema<'Lead'>

/** A company, contact or lead; what only one kind has is optional. */
export type Client = Pick<Company, keyof Company & keyof Contact & keyof Lead> &
  Partial<Pick<Company, 'team_ids' | 'status'>> &
  Partial<Pick<Contact, 'post' | 'company_ids' | 'companies'>> &
  Partial<Pick<Lead, 'title' | 'stage' | 'company_id' | 'company' | 'contact_id'>>

/** The page of a client: the record, what is around it, its history. */
export type ClientPage = Schema<'ClientPage'>
export type Related = Schema<'Related'>
export type RelatedRecord = Schema<'RelatedRecord'>

/** A merge of the last 30 days. */
export type MergeInfo = Schema<'MergeInfo'>

/** A phone as a form has it; the server adds what it reads in it. */
export type PhoneDraft = Pick<Phone, 'value' | 'kind'>

/** What may be written of a client. */
export interface ClientDraft {
  name: string
  owner_id: number
  phones: PhoneDraft[]
  emails: string[]
}

/** What chooses clients; fields without a value do not choose. */
export interface ClientQuery extends Paging {
  q?: string
  status?: string
  owner_id?: number
}

/** The document asks for what the server itself finds out of a phone; it is not sent. */
const asWritten = (phones: PhoneDraft[]) => phones as Phone[]

export const clientsApi = {
  list: (kind: Kind, query: ClientQuery): Promise<Page<Client>> => {
    const wanted = { params: { query: chosen(query) } }
    if (kind === 'company') return answer(http.GET('/api/v1/companies', wanted))
    return kind === 'contact' ? answer(http.GET('/api/v1/contacts', wanted)) : answer(http.GET('/api/v1/leads', wanted))
  },
  client: (kind: Kind, id: number): Promise<Client> => {
    if (kind === 'company') return answer(http.GET('/api/v1/companies/{id}', at(id)))
    return kind === 'contact'
      ? answer(http.GET('/api/v1/contacts/{id}', at(id)))
      : answer(http.GET('/api/v1/leads/{id}', at(id)))
  },
  page: (kind: Kind, id: number) => answer(http.GET('/api/v1/clients/{kind}/{id}', { params: { path: { kind, id } } })),
  /** What was merged into a company or contact in the last 30 days. */
  merges: (kind: Kind, id: number) => answer(http.GET('/api/v1/merges', { params: { query: { kind, id } } })),
  undoMerge: (id: number, reason: string) =>
    answer(http.POST('/api/v1/merges/{id}/undo', { ...at(id), body: { reason } })),
  add: (kind: Kind, { name, ...draft }: ClientDraft): Promise<Client> => {
    const rest = { ...draft, phones: asWritten(draft.phones) }
    if (kind === 'company')
      return answer(http.POST('/api/v1/companies', { body: { name, ...rest, team_ids: [], status: '' } }))
    if (kind === 'contact')
      return answer(http.POST('/api/v1/contacts', { body: { name, ...rest, post: '', company_ids: [] } }))
    const lead = { title: name, name: '', ...rest, company_id: 0, contact_id: 0, stage: '', source: '' }
    return answer(http.POST('/api/v1/leads', { body: lead }))
  },
  change: (kind: Kind, id: number, { name, ...draft }: ClientDraft, version: number): Promise<Client> => {
    const rest = { ...draft, phones: asWritten(draft.phones), reason: '', version }
    if (kind === 'company') return answer(http.PUT('/api/v1/companies/{id}', { ...at(id), body: { name, ...rest } }))
    if (kind === 'contact') return answer(http.PUT('/api/v1/contacts/{id}', { ...at(id), body: { name, ...rest } }))
    return answer(http.PUT('/api/v1/leads/{id}', { ...at(id), body: { title: name, ...rest } }))
  },
  changeStatus: (id: number, status: string, reason: string, version: number) =>
    answer(http.PUT('/api/v1/companies/{id}/status', { ...at(id), body: { status, reason, version } })),
}
