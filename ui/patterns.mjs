// Writes src/api/patterns.ts: the patterns of openapi.json, which its TypeScript types cannot hold.

import { readFile, writeFile } from 'node:fs/promises'

const at = (name) => new URL(name, import.meta.url)
const { components } = JSON.parse(await readFile(at('openapi.json'), 'utf8'))
const quoted = (text) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

let lines = ''
for (const [type, { properties = {} }] of Object.entries(components.schemas)) {
  const fields = Object.entries(properties).filter(([, { pattern }]) => pattern)
  const texts = fields.map(([field, { pattern }]) => `${field}: ${quoted(pattern)}`)
  if (texts.length > 0) lines += `  ${type}: { ${texts.join(', ')} },\n`
}
await writeFile(
  at('src/api/patterns.ts'),
  `// Made by \`npm run schema\`: what the texts of the API must match, by type and field.\n\nexport const patterns = {\n${lines}} as const\n`,
)
