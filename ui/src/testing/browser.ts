// Chromium for tests, the one that the rest of the house uses too, and builds that stay in memory.

import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium } from 'playwright-core'
import { build, type Rollup } from 'vite'

const find = fileURLToPath(new URL('../../../scripts/find.sh', import.meta.url))
const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Starts Chromium without its chatter to the network. */
export function launch(): Promise<Browser> {
  const executablePath = execFileSync(find, ['chromium'], { encoding: 'utf8' }).trim()
  return chromium.launch({ executablePath, args: quiet })
}

/** Builds `vite.config.ts` (the app) or `vite.embed.config.ts` (the element) into memory. */
export async function built(
  config: 'vite.config.ts' | 'vite.embed.config.ts' | 'vite.bitrix24.config.ts',
): Promise<Rollup.RollupOutput['output']> {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const result = (await build({ root, configFile: `${root}/${config}`, logLevel: 'error', build: { write: false } })) as
    | Rollup.RollupOutput
    | Rollup.RollupOutput[]
  return (Array.isArray(result) ? result[0]! : result).output
}
