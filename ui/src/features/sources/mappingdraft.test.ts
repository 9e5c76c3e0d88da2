import { expect, test } from 'vitest'
import { assign, assigned, parse, translate, wordsOf } from './mappingdraft'

test('a field is pointed at, and its words stay when another one is', () => {
  let text = assign('', 'event', 'type')
  text = translate(text, 'event', 'RING', 'ringing')
  text = assign(text, 'event', 'state')
  text = assign(text, 'call_id', 'id')
  text = assign(text, 'number.in', 'from')
  text = assign(text, 'number.out', 'to')
  expect(parse(text)).toEqual({
    event: { of: 'state', map: { RING: 'ringing' } },
    call_id: 'id',
    number: { in: 'from', out: 'to' },
  })
  expect([...assigned(text)]).toEqual([
    ['state', 'event'],
    ['id', 'call_id'],
    ['from', 'number.in'],
    ['to', 'number.out'],
  ])
  expect(wordsOf(translate(text, 'event', 'RING', ''), 'event')).toEqual({})
})

test('what is no document stays as it is typed', () => {
  expect(parse('{')).toBeNull()
  expect(parse('[]')).toBeNull()
  expect(assign('{', 'agent', 'user')).toBe('{')
  expect(translate('{"event":"e"}', 'event', 'RING', 'ringing')).toBe('{"event":"e"}')
})

test('paths are found in lists and under what is made of them', () => {
  const text = '{"agent":[{"of":"a","user":true},"b"],"number":{"in":{"of":"c"}}}'
  expect([...assigned(text)]).toEqual([
    ['c', 'number.in'],
    ['a', 'agent'],
    ['b', 'agent'],
  ])
})
