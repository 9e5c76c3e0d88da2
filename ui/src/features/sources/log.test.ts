import { expect, test } from 'vitest'
import { refusalOf } from './log'

const fault = (code: string) => `<${code}>`

test.each([
  ['bad_signature', '<bad_signature>'],
  ['invalid_input; event: required', 'event: <required>'],
  ['invalid_input; event: required; call_id: required', 'event: <required>; call_id: <required>'],
])('a request that is refused as %s says why', (refused, words) => {
  expect(refusalOf(refused, fault)).toBe(words)
})
