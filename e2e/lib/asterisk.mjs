// An Asterisk of the tests: the manager interface over TCP. It takes the login and orders to call, and says what a real one
// said of such a call: webhooks/ami/testdata/originate-out.txt, with the names of this one put in.

import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'

const recording = readFileSync(
  fileURLToPath(new URL('../../webhooks/ami/testdata/originate-out.txt', import.meta.url)),
  'utf8',
)
const greeting = recording.slice(0, recording.indexOf('\r\n') + 2)
const recorded = recording.slice(greeting.length).split('\r\n\r\n').map(fieldsOf)

/** A client that signs in with `Events: call` hears of this class only. */
const heard = recorded.filter(({ Event, Privilege }) => Event && Privilege.split(',').includes('call'))

/** Where the call stands in the recording: the agent's telephone rings, he lifts, the outside rings, it answers. */
const lifted = heard.findIndex(({ Event, ChannelStateDesc }) => Event === 'Newstate' && ChannelStateDesc === 'Up')
const answered = heard.findLastIndex(({ Event, ChannelStateDesc }) => Event === 'Newstate' && ChannelStateDesc === 'Up')

/** What the recording calls them. */
const [agentsChannel, trunksChannel, extension, number, call, trunksID, action] = [
  'PJSIP/101-00000005',
  'PJSIP/trunk-00000006',
  '101',
  '84950000011',
  'callhue-1',
  '1795292132.6',
  'call-1',
]

function fieldsOf(block) {
  return Object.fromEntries(
    block
      .split('\r\n')
      .filter((line) => line.includes(':'))
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trimStart()]),
  )
}

const blockOf = (fields) =>
  `${Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\r\n')}\r\n\r\n`

/**
 * Listens on the loopback, and greets with the `banner` of its version. `settings` make a source of the dialect `ami`
 * connect to it. `orders` are the calls that it was told to make, each with what has happened to it since: ring(), lift(),
 * answer(), hangUp(). `refuse(how)` has it make no more of them: 'right' (the manager may not), 'telephone' (there is none),
 * 'busy'; '' makes them again.
 */
export async function asterisk({ user = 'callhue', secret, banner = greeting }) {
  const orders = []
  const lines = new Set()
  let refusal = ''
  let calls = 0

  const originate = (asked, say) => {
    const { ActionID } = asked
    if (refusal === 'right') return say({ Response: 'Error', ActionID, Message: 'Permission denied' })
    say({ Response: 'Success', ActionID, Message: 'Originate successfully queued' })
    const place = { Channel: asked.Channel, Context: asked.Context, Exten: asked.Exten, Uniqueid: '<unknown>' }
    if (refusal)
      return say({
        Event: 'OriginateResponse',
        Privilege: 'call,all',
        ActionID,
        Response: 'Failure',
        ...place,
        Reason: refusal === 'busy' ? '5' : '0',
      })
    orders.push(order(asked, ++calls, say))
  }

  const answer = (asked, say) => {
    const { Action, ActionID } = asked
    if (Action === 'Originate') return originate(asked, say)
    if (Action !== 'CoreShowChannels')
      return say({
        Response: Action === 'Ping' ? 'Success' : 'Error',
        ActionID,
        ...(Action === 'Ping' ? { Ping: 'Pong' } : { Message: 'Invalid/unknown command' }),
      })
    say({ Response: 'Success', ActionID, EventList: 'start' })
    say({ Event: 'CoreShowChannelsComplete', ActionID, EventList: 'Complete', ListItems: '0' })
  }

  const server = createServer((line) => {
    lines.add(line)
    line.on('close', () => lines.delete(line)).on('error', () => line.destroy())
    let text = ''
    let known = false
    const say = (fields) => line.write(blockOf(fields))
    line.write(banner)
    line.setEncoding('utf8').on('data', (part) => {
      text += part
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const asked = fieldsOf(text.slice(0, end))
        text = text.slice(end + 4)
        if (known) {
          answer(asked, say)
          continue
        }
        known =
          asked.Action === 'Login' && asked.Username === user && asked.Secret === secret && asked.Events === 'call'
        say({
          Response: known ? 'Success' : 'Error',
          ActionID: asked.ActionID,
          Message: known ? 'Authentication accepted' : 'Authentication failed',
        })
        if (!known) line.end()
      }
    })
  })
  await new Promise((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  return {
    settings: { address: `127.0.0.1:${server.address().port}`, user, contexts: 'from-internal' },
    orders,
    refuse: (how) => (refusal = how),
    stop: () => {
      for (const line of lines) line.destroy()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A call that was ordered: the recorded events in the names of this one. */
function order({ Channel, Exten, ChannelId, ActionID }, n, say) {
  const [, own] = Channel.split('/')
  const names = new Map([
    [agentsChannel, `${Channel}-0000000${n}`],
    [trunksChannel, `PJSIP/trunk-0000001${n}`],
    [`PJSIP/${extension}`, Channel],
    [extension, own],
    [`Manager ${extension}`, `Manager ${own}`],
    [number, Exten],
    [call, ChannelId],
    [trunksID, `1795292132.${n}00`],
    [action, ActionID],
  ])
  const named = (fields) =>
    Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, names.get(value) ?? value]))
  const play = (from, until) => {
    for (const fields of heard.slice(from, until)) say(named(fields))
  }
  const hangUp = (id, channel, cause, text) =>
    say(
      named({
        Event: 'Hangup',
        Privilege: 'call,all',
        Channel: channel,
        CallerIDNum: number,
        Context: 'from-internal',
        Exten: number,
        Uniqueid: id,
        Linkedid: call,
        Cause: cause,
        'Cause-txt': text,
      }),
    )
  return {
    extension: own,
    number: Exten,
    /** His own telephone rings. */
    ring: () => play(0, lifted),
    /** He lifts it: now the outside rings. */
    lift: () => play(lifted, answered),
    /** The outside answers. */
    answer: () => play(answered),
    /** Both are free again. The recording ends before that: these are the fields that matter of a Hangup. */
    hangUp: () => {
      hangUp(trunksID, trunksChannel, '16', 'Normal Clearing')
      hangUp(call, agentsChannel, '16', 'Normal Clearing')
    },
  }
}
