import { expect, it } from 'vitest'
import type { Card, Color, Verdict } from '../../api/types'
import { cautionOf } from './caution'

const card = (color: string, relation: Verdict['relation'], more: Partial<Card> = {}, banner = false): Card => ({
  number: { raw: '', e164: '+74950000011', kind: 'external', extension: '' },
  verdict: {
    color: color as Color,
    why: 'unknown',
    relation,
    title: '',
    text: '',
    banner,
    row: '',
    policy: 1,
    decided_at: '',
  },
  ...more,
})
const listed = (mode: 'warn' | 'block') => ({ do_not_call: { mode, text: '', reason: '', since: '', until: null } })
const wants = (mode: 'warn' | 'reason' | 'permit' | 'block', met = false) => ({
  enforcement: { mode, met, reason: '', text: '' },
})

it.each([
  ['an own client', card('none', 'own'), 'free'],
  ['an unknown number', card('none', 'none'), 'free'],
  ['a lead', card('blue', 'none'), 'free'],
  ['an own contact', card('yellow', 'own'), 'free'],
  ['a colleague’s contact', card('yellow', 'foreign'), 'look'],
  ['a strip that must be read', card('none', 'foreign', {}, true), 'look'],
  ['what was not checked is not free', card('grey', 'none'), 'look'],
  ['a colour of a newer server', card('violet', 'none'), 'look'],
  ['a colleague’s client', card('red', 'foreign', wants('warn')), 'look'],
  ['where a reason is wanted', card('red', 'foreign', wants('reason')), 'reason'],
  ['where a permit is wanted', card('red', 'foreign', wants('permit')), 'permit'],
  ['where nothing red is dialled', card('red', 'foreign', wants('block')), 'red'],
  ['red all the same, whatever is met', card('red', 'foreign', wants('permit', true)), 'look'],
  ['one who asked not to be called', card('none', 'own', listed('warn')), 'look'],
  ['and is not called at all', card('red', 'foreign', { ...listed('block'), ...wants('reason') }), 'blocked'],
])('%s', (_why, before, caution) => expect(cautionOf(before)).toBe(caution))
