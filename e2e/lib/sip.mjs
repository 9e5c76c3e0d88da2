// Real SIP on the loopback: Kamailio as the PBX, SIPp as our desk phones and as the line outside.

import { execFile, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const file = (name) => fileURLToPath(new URL(`../sip/${name}`, import.meta.url))

// Packets get lost between programs of a busy machine, and come late. SIP repeats them: the phones do so for as long as a test
// lasts, and take what comes twice for what it is.
const patient = ['-max_retrans', 100, '-buff_size', 1 << 20, '-default_behaviors', 'all,-abortunexp']

/**
 * Starts the PBX, which asks `cid` for names and posts to `hook`, and the line, which answers every call at once, or as
 * the scenario `answers` has it.
 * `call(extension, number, { talk, times, rate, scenario })` rings and resolves when every call is over; `invites()` are the
 * INVITEs that arrived at the line.
 */
export async function pbx({ cid, hook, answers = '' }) {
  const folder = await mkdtemp(join(tmpdir(), 'callhue-sip-'))
  const [listen, line, phone] = await Promise.all([freeUDP(), freeUDP(), freeUDP()])
  const config = (await readFile(file('kamailio.cfg'), 'utf8'))
    .replaceAll('@LISTEN@', `127.0.0.1:${listen}`)
    .replaceAll('@LINE@', `127.0.0.1:${line}`)
    .replaceAll('@CID@', cid)
    .replaceAll('@HOOK@', hook)
  await writeFile(join(folder, 'kamailio.cfg'), config)

  const messages = join(folder, 'line.log')
  const uas = running(
    'sipp',
    [
      ...(answers ? ['-sf', file(answers)] : ['-sn', 'uas']),
      '-i',
      '127.0.0.1',
      '-p',
      line,
      '-nostdin',
      '-trace_msg',
      '-message_file',
      messages,
      ...patient,
    ],
    folder,
  )
  const kamailio = running(
    'kamailio',
    [
      '-f',
      join(folder, 'kamailio.cfg'),
      '-DD',
      '-E',
      '-m',
      '64',
      '-M',
      '8',
      '-b',
      '1048576',
      '-Y',
      folder,
      '-P',
      join(folder, 'pid'),
    ],
    folder,
  )
  const stop = async () => {
    await Promise.all([uas.stop(), kamailio.stop()])
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await answersSIP(listen, kamailio)
  } catch (error) {
    await stop()
    throw error
  }

  const call = async (extension, number, { talk = 1000, times = 1, rate = 10, scenario = 'call.xml' } = {}) => {
    const who = join(folder, 'calls.csv')
    await writeFile(who, `SEQUENTIAL\n${extension};${number}\n`)
    await new Promise((resolve, reject) => {
      execFile(
        'sipp',
        [
          `127.0.0.1:${listen}`,
          '-sf',
          file(scenario),
          '-inf',
          who,
          '-i',
          '127.0.0.1',
          '-p',
          phone,
          '-nostdin',
          '-m',
          times,
          '-l',
          times,
          '-r',
          rate,
          '-d',
          talk,
          '-timeout',
          '240s',
          '-timeout_error',
          ...patient,
        ].map(String),
        { cwd: folder, timeout: 300_000 },
        (error, out, err) =>
          error
            ? reject(new Error(`sipp: ${error.message}\n${out.slice(-2000)}${err}\nkamailio: ${kamailio.said()}`))
            : resolve(),
      )
    })
  }
  const invites = async () =>
    (await readFile(messages, 'utf8'))
      .split(/^-{10,}.*$/m)
      .filter((text) => /^\s*(UDP message received.*\s+)?INVITE /m.test(text))
  return { call, invites, stop }
}

/** A program that runs until it is stopped. */
function running(name, args, cwd) {
  const child = spawn(name, args.map(String), {
    cwd,
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.on('error', (error) => (said += error.message))
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => (said = (said + text).slice(-5000)))
  const gone = new Promise((resolve) => child.once('close', resolve))
  return {
    said: () => said,
    ended: () => child.exitCode !== null || child.signalCode !== null,
    stop: async () => {
      child.kill('SIGTERM')
      const patience = setTimeout(() => child.kill('SIGKILL'), 5_000)
      await gone
      clearTimeout(patience)
    },
  }
}

/** Asks the PBX with a method that it refuses until it answers. */
async function answersSIP(port, kamailio) {
  const socket = createSocket('udp4')
  try {
    await new Promise((resolve) => socket.bind(0, '127.0.0.1', resolve))
    const { port: mine } = socket.address()
    const answered = new Promise((resolve) => socket.once('message', resolve))
    for (let n = 0; n < 100; n++) {
      if (kamailio.ended()) break
      socket.send(
        [
          `OPTIONS sip:127.0.0.1:${port} SIP/2.0`,
          `Via: SIP/2.0/UDP 127.0.0.1:${mine};branch=z9hG4bK-${n}`,
          `From: <sip:test@127.0.0.1>;tag=${n}`,
          `To: <sip:127.0.0.1:${port}>`,
          `Call-ID: ready-${n}`,
          'CSeq: 1 OPTIONS',
          'Max-Forwards: 5',
          'Content-Length: 0',
          '',
          '',
        ].join('\r\n'),
        port,
        '127.0.0.1',
      )
      const said = await Promise.race([answered, new Promise((resolve) => setTimeout(resolve, 100))])
      if (said) return
    }
    throw new Error(`kamailio does not answer: ${kamailio.said()}`)
  } finally {
    socket.close()
  }
}

function freeUDP() {
  return new Promise((resolve, reject) => {
    const probe = createSocket('udp4')
    probe.once('error', reject)
    probe.bind(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}
