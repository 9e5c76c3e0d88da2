import { readFile } from 'node:fs/promises'
import openapiTS, { astToString } from 'openapi-typescript'
import { expect, it } from 'vitest'

const file = (name: string) => new URL(name, import.meta.url)

it('schema.ts is what openapi.json says; `npm run schema` writes it anew', async () => {
  const made = astToString(await openapiTS(file('../../openapi.json')))
  const kept = await readFile(file('./schema.ts'), 'utf8')
  expect(kept.slice(kept.indexOf('export interface paths')).trim()).toBe(
    made.slice(made.indexOf('export interface paths')).trim(),
  )
})
