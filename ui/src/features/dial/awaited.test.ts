import { expect, it } from 'vitest'
import type { Card, Direction } from '../../api/types'
import { cardKey } from '../../card/key'
import type { Dialled } from './api'
import { awaited } from './awaited'

const verdict: Card['verdict'] = {
  color: 'none',
  why: 'unknown',
  relation: 'none',
  title: '',
  text: '',
  banner: false,
  row: '',
  policy: 1,
  decided_at: '',
}
const to = (e164: string): Card['number'] => ({ raw: e164, e164, kind: 'external', extension: '' })
const card = (id: number, call_id: string, number: string, direction: Direction = 'out', source = 'office'): Card => ({
  call: { id, source, call_id, direction, state: 'ringing', started_at: '', answered_at: null, ended_at: null },
  number: to(number),
  agent: { id: 18, login: 'petrov', name: 'Petrov', extension: '102', active: true },
  verdict,
})
const dialled = (call_id: string): Dialled => ({
  source: 'office',
  call_id,
  card: { number: to('+74950000011'), verdict },
})

const older = card(1, 'a', '+74950000011')
const others = [older, card(2, 'b', '+74950000012'), card(3, 'c', '+74950000011', 'in')]
const mine = card(4, 'callhue-1', '+74950000011')

it.each([
  ['by its name', dialled('callhue-1'), [...others, card(5, 'd', '+74950000011'), mine], 4],
  [
    'a name of another source is another call',
    dialled('callhue-1'),
    [...others, card(6, 'callhue-1', '+74950000012', 'out', 'shop')],
    undefined,
  ],
  [
    'by the number where the PBX names it otherwise',
    dialled('callhue-1'),
    [...others, card(7, 'pbx-7', '+74950000011')],
    7,
  ],
  ['by the number where the PBX gave no name', dialled(''), [...others, mine], 4],
  ['not an older call, nor one that comes in', dialled(''), others, undefined],
])('%s', (_why, order, cards, id) => expect(awaited(order, [cardKey(older)], cards)?.call?.id).toBe(id))
