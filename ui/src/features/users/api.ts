// Users, departments, their names in sources, and deputies.

import { answer, at, chosen, http } from '../../api/client'
import type { Paging, Schema } from '../../api/types'

export type User = Schema<'User'>
export type Department = Schema<'Department'>
export type DepartmentKind = Schema<'DepartmentKind'>
export type Identity = Schema<'Identity'>
export type Deputy = Schema<'Deputy'>

/** What may be written of a user. */
export type UserDraft = Pick<User, 'login' | 'name' | 'roles' | 'department_id' | 'extensions' | 'phones' | 'language'>

/** What may be written of a department. */
export type DepartmentDraft = Schema<'NewDepartment'>

interface UserQuery extends Paging {
  q?: string
  active?: string
  department_id?: number
}

export const usersApi = {
  list: (query: UserQuery) => answer(http.GET('/api/v1/users', { params: { query: chosen(query) } })),
  /** Users by name, those who have left included: they still own clients and history. */
  all: () => answer(http.GET('/api/v1/users', { params: { query: { limit: 200 } } })),
  user: (id: number) => answer(http.GET('/api/v1/users/{id}', at(id))),
  add: (draft: UserDraft) => answer(http.POST('/api/v1/users', { body: { ...draft, extension: '', password: '' } })),
  change: (id: number, change: Partial<UserDraft> & { active?: boolean; version: number }) =>
    answer(http.PUT('/api/v1/users/{id}', { ...at(id), body: change })),
  dismiss: (id: number) => answer(http.DELETE('/api/v1/users/{id}', at(id))),
  /** A link that signs the user in once within so many minutes, 15 to 1440. */
  link: (id: number, minutes: number) => answer(http.POST('/api/v1/users/{id}/link', { ...at(id), body: { minutes } })),

  identities: (id: number) => answer(http.GET('/api/v1/users/{id}/identities', at(id))),
  addIdentity: (id: number, source: string, value: string) =>
    answer(http.POST('/api/v1/users/{id}/identities', { ...at(id), body: { source, value } })),
  removeIdentity: (id: number, identity: number) =>
    answer(http.DELETE('/api/v1/users/{id}/identities/{identity}', { params: { path: { id, identity } } })),

  deputies: (id: number) => answer(http.GET('/api/v1/users/{id}/deputies', at(id))),
  addDeputy: (id: number, deputy_id: number, from: string, until: string) =>
    answer(http.POST('/api/v1/users/{id}/deputies', { ...at(id), body: { deputy_id, from, until } })),
  removeDeputy: (id: number, deputy: number) =>
    answer(http.DELETE('/api/v1/users/{id}/deputies/{deputy}', { params: { path: { id, deputy } } })),

  departments: () => answer(http.GET('/api/v1/departments')),
  addDepartment: (draft: DepartmentDraft) => answer(http.POST('/api/v1/departments', { body: draft })),
  changeDepartment: (id: number, draft: DepartmentDraft, version: number) =>
    answer(http.PUT('/api/v1/departments/{id}', { ...at(id), body: { ...draft, version } })),
  removeDepartment: (id: number) => answer(http.DELETE('/api/v1/departments/{id}', at(id))),
}
