// Us: users, departments, what PBXs call us, who stands in for whom.

import { answer, at, chosen, http } from './client'
import type { Page, Role, User } from './records'

export type DepartmentKind = 'sales' | 'call_centre' | 'field' | 'partner' | 'product'

/** A group of users; `parent_id` and `head_id` are 0 for none. */
export interface Department {
  id: number
  name: string
  parent_id: number
  head_id: number
  kind: DepartmentKind
  version: number
}

/** What a source calls a user; an empty source is an extension, which counts in every source. */
export interface Identity {
  id: number
  source: string
  value: string
}

/** Somebody who stands in for a user; `until` is exclusive. */
export interface Deputy {
  id: number
  deputy_id: number
  from: string
  until: string
}

/** A one-time sign-in link. */
export interface SignInLink {
  url: string
  until: string
}

/** What may be written of a user. */
export interface UserDraft {
  login: string
  name: string
  roles: Role[]
  department_id: number
  extensions: string[]
  /** The user's own phones: a call to one of them is a call to a colleague. */
  phones: string[]
  language: string
}

/** What may be written of a department. */
export type DepartmentDraft = Pick<Department, 'name' | 'parent_id' | 'head_id' | 'kind'>

export const staffApi = {
  users: (wanted: { q?: string; active?: string; department_id?: number; page_token?: string; limit?: number }) =>
    answer<Page<User>>(http.GET('/api/v1/users', { params: { query: chosen(wanted) as object } })),
  user: (id: number) => answer<User>(http.GET('/api/v1/users/{id}', at(id))),
  addUser: (draft: UserDraft) =>
    answer<User>(http.POST('/api/v1/users', { body: { ...draft, extension: '', password: '' } })),
  changeUser: (id: number, change: Partial<UserDraft> & { active?: boolean; version: number }) =>
    answer<User>(http.PUT('/api/v1/users/{id}', { ...at(id), body: change as never })),
  dismiss: (id: number) => answer<undefined>(http.DELETE('/api/v1/users/{id}', at(id))),
  /** A link that signs the user in once within so many minutes, 15 to 1440. */
  link: (id: number, minutes: number) =>
    answer<SignInLink>(http.POST('/api/v1/users/{id}/link', { ...at(id), body: { minutes } })),

  identities: (id: number) => answer<Page<Identity>>(http.GET('/api/v1/users/{id}/identities', at(id))),
  addIdentity: (id: number, source: string, value: string) =>
    answer<Identity>(http.POST('/api/v1/users/{id}/identities', { ...at(id), body: { source, value } })),
  removeIdentity: (id: number, identity: number) =>
    answer<undefined>(http.DELETE('/api/v1/users/{id}/identities/{identity}', { params: { path: { id, identity } } })),

  deputies: (id: number) => answer<Page<Deputy>>(http.GET('/api/v1/users/{id}/deputies', at(id))),
  addDeputy: (id: number, deputy_id: number, from: string, until: string) =>
    answer<Deputy>(http.POST('/api/v1/users/{id}/deputies', { ...at(id), body: { deputy_id, from, until } })),
  removeDeputy: (id: number, deputy: number) =>
    answer<undefined>(http.DELETE('/api/v1/users/{id}/deputies/{deputy}', { params: { path: { id, deputy } } })),

  departments: () => answer<Page<Department>>(http.GET('/api/v1/departments')),
  addDepartment: (draft: DepartmentDraft) => answer<Department>(http.POST('/api/v1/departments', { body: draft })),
  changeDepartment: (id: number, draft: DepartmentDraft, version: number) =>
    answer<Department>(http.PUT('/api/v1/departments/{id}', { ...at(id), body: { ...draft, version } })),
  removeDepartment: (id: number) => answer<undefined>(http.DELETE('/api/v1/departments/{id}', at(id))),
}
