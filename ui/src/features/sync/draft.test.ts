import { expect, it } from 'vitest'
import type { Mapping } from './api'
import { draftOf, entriesOf, sameNames } from './draft'

const ours = [
  { code: 'IN_WORK', name: 'В работе' },
  { code: 'CLIENT', name: 'Клиент' },
  { code: 'TENDER', name: 'Идёт тендер' },
]
const mapping: Mapping = {
  version: 3,
  kinds: ['company'],
  owners: 'guarded',
  make_users: true,
  status_field: 'UF_STATUS',
  status_fields: [
    { code: 'UF_STATUS', name: 'Статус', entries: [{ value: '45', name: 'В работе' }] },
    { code: 'TYPE', name: 'Тип', entries: [{ value: 'C', name: 'Клиент' }] },
  ],
  statuses: [{ value: '45', name: 'В работе', status: 'IN_WORK' }],
  users: [
    { id: '7', name: 'Ivanov', email: '', extension: '', active: true, user: { id: 17, name: 'Ivanov' }, how: 'email' },
  ],
  stages: [{ value: 'NEW', name: 'Новая', stage: 'new' }],
}

it('a draft begins as the mapping is, and chooses nobody and no stage anew', () => {
  expect(draftOf(mapping)).toEqual({
    kinds: ['company'],
    owners: 'guarded',
    make_users: true,
    status_field: 'UF_STATUS',
    users: {},
    statuses: { 45: 'IN_WORK' },
    stages: {},
  })
})

it('the entries are those of the field that is chosen, kept ones where the CRM does not answer', () => {
  expect(entriesOf(mapping, 'TYPE')).toEqual([{ value: 'C', name: 'Клиент' }])
  expect(entriesOf({ ...mapping, status_fields: [] }, 'UF_STATUS')).toEqual(mapping.statuses)
  expect(entriesOf({ ...mapping, status_fields: [] }, 'TYPE')).toEqual([])
})

it('entries get the status of the same name, and keep what was chosen', () => {
  const entries = [
    { value: '1', name: ' в  РАБОТЕ ' },
    { value: '2', name: 'Идет тендер' },
    { value: '3', name: 'Клиент' },
    { value: '4', name: 'Архив' },
  ]
  expect(sameNames(entries, ours, { 3: 'IN_WORK', 9: 'CLIENT' })).toEqual({
    1: 'IN_WORK',
    2: 'TENDER',
    3: 'IN_WORK',
    9: 'CLIENT',
  })
})
