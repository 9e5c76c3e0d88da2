import { expect, test } from 'vitest'
import { exampleQuery } from './lookupquery'

test('there is an example for each database, and none before one is chosen', () => {
  for (const engine of ['mysql', 'postgresql', 'sqlite', 'sqlserver']) {
    expect(exampleQuery(engine)).toContain('WHERE c.phone IN (:numbers)')
    expect(exampleQuery(engine)).toMatch(/^SELECT .*c\.id,\n/)
  }
  expect(exampleQuery('')).toBe('')
  expect(exampleQuery(undefined)).toBe('')
})
