// The pages of docs/recipes, walked literally: what stands in their blocks is what runs.

import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const bin = fileURLToPath(new URL('../../bin', import.meta.url))

/** The blocks of a recipe: its language, the name behind it ("" for none), and the text. */
export async function blocksOf(recipe) {
  const text = await readFile(new URL(`../../docs/recipes/${recipe}.md`, import.meta.url), 'utf8')
  return [...text.matchAll(/^```(\w+)(?: (\S+))?\n([\s\S]*?)^```$/gm)].map(([, language, name = '', body]) => ({
    language,
    name,
    body,
  }))
}

/**
 * A folder in which the commands of a recipe run, over a server's database. `instead` are the few words of the page that
 * are an example's: its host. The answer: write(name, text), sh(commands) with what was printed, remove().
 */
export async function workshop(db, instead) {
  const folder = await mkdtemp(join(tmpdir(), 'callhue-recipe-'))
  return {
    write: (name, text) => writeFile(join(folder, name), text),
    sh: async (commands) => {
      const text = Object.entries(instead).reduce((all, [from, to]) => all.replaceAll(from, to), commands)
      const env = {
        ...process.env,
        CALLHUE_DB: db,
        CALLHUE_ALLOW_PRIVATE_HOOKS: 'true',
        PATH: `${bin}:${process.env.PATH}`,
      }
      const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', text], { cwd: folder, env })
      return stdout
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
