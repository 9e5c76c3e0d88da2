// What the browser must load before the first card can show, and what it must not.

import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { built } from './testing/browser'

it('the first card needs at most 150 kB of script, and neither React nor Mantine', { timeout: 60_000 }, async () => {
  const output = await built('vite.config.ts')
  const chunks = new Map(output.filter((file) => file.type === 'chunk').map((chunk) => [chunk.fileName, chunk]))
  const entry = [...chunks.values()].find((chunk) => chunk.isEntry && chunk.name === 'app')!
  const needed = new Set<string>()
  const walk = (name: string) => {
    if (needed.has(name)) return
    needed.add(name)
    chunks.get(name)?.imports.forEach(walk)
  }
  walk(entry.fileName)
  const code = [...needed].map((name) => chunks.get(name)!.code)
  const modules = [...needed].flatMap((name) => Object.keys(chunks.get(name)!.modules))
  expect(modules.filter((name) => name.includes('node_modules'))).toEqual([])
  expect(modules.some((name) => name.endsWith('/card/element.ts'))).toBe(true)
  expect(code.reduce((sum, text) => sum + gzipSync(text).length, 0)).toBeLessThan(150_000)
})
