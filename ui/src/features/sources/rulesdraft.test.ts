import { expect, it } from 'vitest'
import type { SourceRequest } from './api'
import { numbersOf, outsideLine } from './rulesdraft'

const request = (...numbers: string[]) =>
  ({ understood: { events: numbers.map((number) => ({ event: 'ringing', call_id: 'c', number })) } }) as SourceRequest

it('finds each number of the last requests once', () => {
  const refused = { understood: null } as SourceRequest
  expect(numbersOf([request('9+74950000011', '102'), refused, request('102', ''), {} as SourceRequest])).toEqual([
    '9+74950000011',
    '102',
  ])
})

it('takes a digit for an outside line away', () => {
  const { pattern, replacement } = outsideLine('9')
  expect('984950000011'.replace(new RegExp(`^(?:${pattern})$`), replacement)).toBe('84950000011')
  expect('9123'.replace(new RegExp(`^(?:${pattern})$`), replacement)).toBe('9123')
})
