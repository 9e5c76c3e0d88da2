import { readFile } from 'node:fs/promises'
import openapiTS, { astToString } from 'openapi-typescript'
import { expect, it } from 'vitest'
import { patterns } from './patterns'

const file = (name: string) => new URL(name, import.meta.url)

it('schema.ts is what openapi.json says; `npm run schema` writes it anew', async () => {
  const made = astToString(await openapiTS(file('../../openapi.json')))
  const kept = await readFile(file('./schema.ts'), 'utf8')
  expect(kept.slice(kept.indexOf('export interface paths')).trim()).toBe(
    made.slice(made.indexOf('export interface paths')).trim(),
  )
})

interface Document {
  components: { schemas: Record<string, { properties?: Record<string, { pattern?: string }> }> }
}

it('patterns.ts holds the patterns of openapi.json', async () => {
  const { components } = JSON.parse(await readFile(file('../../openapi.json'), 'utf8')) as Document
  const found = Object.entries(components.schemas).flatMap(([type, { properties = {} }]) =>
    Object.entries(properties).flatMap(([field, { pattern }]) => (pattern ? [[type, field, pattern]] : [])),
  )
  const kept = Object.entries(patterns).flatMap(([type, fields]) =>
    Object.entries(fields).map(([field, pattern]) => [type, field, pattern]),
  )
  expect(kept).toEqual(found)
})

interface Case {
  code: string
  valid: boolean
  why: string
}

it('a status code is read by the form as by the API', async () => {
  const table = await readFile(file('../../../statuses/testdata/codes.json'), 'utf8')
  // As a browser reads the pattern of an input.
  const rule = new RegExp(`^(?:${patterns.NewStatus.code})$`, 'v')
  for (const { code, valid, why } of JSON.parse(table) as Case[]) expect(rule.test(code), why).toBe(valid)
})
