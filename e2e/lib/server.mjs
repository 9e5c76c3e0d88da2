// The real binary with demo data on a database of its own; and the same binary as a command.

import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const binary = fileURLToPath(new URL('../../bin/callhue', import.meta.url))

/**
 * Starts `callhue serve --demo`, or an empty server where demo is false, with more flags where a test needs them, and waits until it is ready and has printed its sign-in link and its curl.
 * The answer: url, link (signs in as the demo agent), curl (rings that agent), callhue(...), passwd(login, password), as(token), restart(), stop().
 */
export async function start({ flags = [], demo = true } = {}) {
  if (!existsSync(binary)) throw new Error('the browser tests need bin/callhue: run make build first')
  const folder = await mkdtemp(join(tmpdir(), 'callhue-e2e-'))
  const db = `sqlite:${join(folder, 'callhue.db')}`
  const listen = `127.0.0.1:${await freePort()}`
  const url = `http://${listen}`

  const said = { out: '', err: '' }
  let child, gone
  const launch = () => {
    child = spawn(binary, ['serve', ...(demo ? ['--demo'] : []), '--listen', listen, '--db', db, ...flags], {
      // A loaded machine must not look like a database that does not answer.
      env: { ...process.env, CALLHUE_DATABASE_TIMEOUT: process.env.CALLHUE_DATABASE_TIMEOUT ?? '20s' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stdout.setEncoding('utf8').on('data', (text) => (said.out += text))
    child.stderr.setEncoding('utf8').on('data', (text) => (said.err += text))
    gone = new Promise((resolve) => child.once('close', resolve))
    return until('the server to be ready', said, child, () => answers(`${url}/readyz`))
  }
  const end = async () => {
    child.kill('SIGTERM')
    const patience = setTimeout(() => child.kill('SIGKILL'), 10_000)
    await gone
    clearTimeout(patience)
  }
  const stop = async () => {
    await end()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await launch()
    const printed =
      demo && (await until('the sign-in link and the curl', said, child, () => readPrinted(said.out, url)))
    return {
      url,
      db,
      ...printed,
      said,
      stop,
      restart: async () => {
        await end()
        await launch()
      },
      callhue: (...args) => callhue(db, args),
      passwd: (...args) => passwd(db, ...args),
      as: (token) => client(url, token),
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Finds the one-time link and the curl command, which may go on over lines that end in a backslash. */
export function readPrinted(text, url) {
  const curl = /^[ \t]*(curl (?:.*\\\r?\n)*.*)\n/m.exec(text)?.[1]
  const link = (curl ? text.replace(curl, '') : text)
    .match(/https?:\/\/\S+/g)
    ?.find((found) => found.startsWith(`${url}/`))
  return link && curl ? { link, curl } : undefined
}

/** Sets a user's password by the command, which reads it from standard input. */
async function passwd(db, login, password) {
  const running = run(binary, ['user', 'passwd', login, '--db', db])
  running.child.stdin.end(`${password}\n`)
  await running
}

/** Runs a sub-command on the server's database and answers what it printed as JSON. */
async function callhue(db, args) {
  const { stdout } = await run(binary, [...args, '--db', db, '--json'])
  return JSON.parse(stdout)
}

/** A client of /api/v1 with a Bearer token: get('/me'), post('/check', {...}), put(...). Refusals throw. */
function client(url, token) {
  const ask = async (method, path, body) => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: body && JSON.stringify(body),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
    return text ? JSON.parse(text) : undefined
  }
  return {
    get: (path) => ask('GET', path),
    post: (path, body) => ask('POST', path, body),
    put: (path, body) => ask('PUT', path, body),
  }
}

async function answers(url) {
  try {
    return (await fetch(url)).ok
  } catch {
    return false
  }
}

/** Asks until something true comes back; gives up after 30 s or when the server has ended, and shows its words. */
async function until(what, said, child, ask) {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; ) {
    const answer = await ask()
    if (answer) return answer
    if (child.exitCode !== null || child.signalCode !== null) break
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`waited in vain for ${what}; the server said:\n${said.out}${said.err}`)
}

/** A port that the system has just called free. */
function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}
