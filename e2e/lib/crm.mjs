// A CRM that is played in a process of its own: test/fakecrm, a portal of Bitrix24 or an account of amoCRM.

import { execFile, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('../..', import.meta.url))

/**
 * Plays `bitrix24` or `amocrm` on the loopback. The answer: what it printed (address, and what a source is connected
 * with), order(name, body) which steers it, seen() which says what it was asked, stop().
 */
export async function play(name, ...flags) {
  const folder = await mkdtemp(join(tmpdir(), 'callhue-crm-'))
  const binary = join(folder, 'crms')
  await promisify(execFile)('go', ['build', '-o', binary, './test/fakecrm'], { cwd: root })
  const child = spawn(binary, [name, '--listen', '127.0.0.1:0', ...flags], { stdio: ['ignore', 'pipe', 'pipe'] })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text) => (errors += text))
  const gone = new Promise((resolve) => child.once('close', resolve))
  const stop = async () => {
    child.kill('SIGTERM')
    await gone
    await rm(folder, { recursive: true, force: true })
  }
  const line = await Promise.race([new Promise((resolve) => createInterface(child.stdout).once('line', resolve)), gone])
  if (typeof line !== 'string') {
    await stop()
    throw new Error(`${name} is not played: ${errors}`)
  }
  const said = JSON.parse(line)
  const ask = async (method, path, body) => {
    const response = await fetch(`${said.address}/sim/${path}`, { method, body: body && JSON.stringify(body) })
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return response.json()
  }
  return { ...said, order: (what, body = {}) => ask('POST', what, body), seen: () => ask('GET', 'seen'), stop }
}
