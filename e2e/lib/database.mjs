// The database of a customer's own CRM: a private MariaDB or PostgreSQL that scripts/ starts and takes away.

import { execFile, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const scripts = fileURLToPath(new URL('../../scripts', import.meta.url))

const kinds = {
  mariadb: {
    variable: 'CALLHUE_TEST_MYSQL',
    hostOf: (said) => /unix\((.*)\)/.exec(said)[1],
    client: (socket, database) => ['mariadb', '--no-defaults', `--socket=${socket}`, '--user=root', ...database],
    make: 'CREATE DATABASE crm CHARACTER SET utf8mb4',
  },
  postgres: {
    variable: 'CALLHUE_TEST_POSTGRES',
    hostOf: (said) => said,
    client: (folder, [database = 'postgres']) => [
      'psql',
      '--no-psqlrc',
      '--quiet',
      '-v',
      'ON_ERROR_STOP=1',
      '-h',
      folder,
      '-U',
      'postgres',
      '-d',
      database,
    ],
    make: 'CREATE DATABASE crm',
  },
}

/** Starts a server with an empty database crm. The answer: host (its socket), sql(text) as its administrator, stop(). */
export async function database(kind) {
  const { variable, hostOf, client, make } = kinds[kind]
  const command = `echo "$${variable}"; exec sleep 3600`
  const child = spawn(`${scripts}/${kind}.sh`, ['bash', '-c', command], { stdio: ['ignore', 'pipe', 'inherit'] })
  const gone = new Promise((resolve) => child.once('close', resolve))
  const said = await Promise.race([new Promise((resolve) => createInterface(child.stdout).once('line', resolve)), gone])
  if (typeof said !== 'string') throw new Error(`${kind} did not start`)
  const host = hostOf(said)
  const run = (text, ...database) =>
    new Promise((resolve, reject) => {
      const [program, ...args] = client(host, database)
      const running = execFile(program, args, (error, stdout) => (error ? reject(error) : resolve(stdout)))
      running.stdin.end(text)
    })
  await run(make)
  return {
    host,
    sql: (text) => run(text, 'crm'),
    stop: async () => {
      child.kill('SIGTERM') // a second time it does nothing
      await gone
    },
  }
}
