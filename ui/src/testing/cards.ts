// A whole Card for tests, with the parts of the verdict that a test is about.

import type { Card, Verdict } from '../api/types'

export function sampleCard(verdict: Partial<Verdict> = {}, call: Partial<NonNullable<Card['call']>> = {}): Card {
  return {
    call: {
      id: 7,
      source: 'office',
      call_id: 'abc-1',
      direction: 'out',
      state: 'ringing',
      started_at: '2026-03-12T12:16:04Z',
      answered_at: null,
      ended_at: null,
      ...call,
    },
    number: { raw: '8 (495) 000-00-11', e164: '+74950000011', kind: 'external', extension: '' },
    agent: { id: 18, login: 'petrov', name: 'Petrov', extension: '102', active: true },
    verdict: {
      color: 'none',
      why: 'own',
      relation: 'none',
      title: '',
      text: '',
      banner: false,
      row: '',
      policy: 1,
      decided_at: '2026-03-12T12:16:04Z',
      ...verdict,
    },
    subject: {
      kind: 'company',
      id: 310,
      name: 'Acme',
      owner: { id: 17, name: 'Ivanov', extension: '101', active: true },
      via: 'direct',
      since: '2026-01-01T00:00:00Z',
      url: '/companies/310',
    },
    matches: [],
    actions: ['open'],
  }
}
