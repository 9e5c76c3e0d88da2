// Real telephony: SIP phones call through a real SIP server, which asks Callhue at each INVITE.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { open } from './lib/browser.mjs'
import { seen } from './lib/card.mjs'
import { signIn } from './lib/people.mjs'
import { start } from './lib/server.mjs'
import { pbx } from './lib/sip.mjs'
import { furnish } from './lib/world.mjs'

const secret = 'e2e-secret-of-the-sip-server'

describe('a call over SIP', { concurrency: false }, () => {
  let server, browser, petrov, me, world, sip

  before(async () => {
    server = await start()
    await server.callhue(
      'source',
      'add',
      '--name',
      'e2e-sip',
      '--dialect',
      'generic',
      '--secret',
      secret,
      '--set',
      'path_secret=true',
      '--set',
      'ascii=true',
    )
    browser = await open()
    petrov = await signIn(browser, server.link)
    me = await petrov.get('/me')
    world = await furnish(server, me)
    sip = await pbx({ cid: `${server.url}/cid/e2e-sip/${secret}`, hook: `${server.url}/hooks/e2e-sip/${secret}` })
  })

  after(async () => {
    await sip?.stop()
    await browser?.close()
    await server?.stop()
  })

  it('carries the warning in the display name that arrives, is red in the browser, and stands in the journal with its length', async () => {
    const began = Date.now()
    const talking = sip.call(me.extension, world.number, { talk: 4000 })
    await seen(petrov.page, world.company.name, { color: 'red', state: 'talking' })
    await petrov.picture('sip-red')
    await talking
    const took = (Date.now() - began) / 1000
    await seen(petrov.page, world.company.name, { color: 'red', state: 'ended', folded: true })

    const [invite] = await sip.invites()
    assert.match(invite, /^From: "\[!\] Ivanov - Romashka i synov'?ya"/im, invite)

    const [call] = await journal(1)
    assert.equal(call.result, 'answered')
    assert.ok(call.duration >= 1 && call.duration <= took, `talked for ${call.duration} s of ${took}`)
    assert.deepEqual(
      call.agents.map(({ agent, verdict }) => [agent?.id, verdict.color]),
      [[me.id, 'red']],
    )
  })

  it('has no mark for the owner himself', async () => {
    await sip.call(world.ivanov.extension, world.number, { talk: 100 })
    const invite = (await sip.invites()).find((text) => text.includes(`sip:${world.ivanov.extension}@`))
    assert.ok(invite, 'the INVITE has not arrived')
    assert.doesNotMatch(invite, /\[!\]/)
  })

  for (const { why, answers, scenario, result } of [
    { why: 'is busy', answers: 'busy.xml', scenario: 'call-refused.xml', result: 'busy' },
    { why: 'is given up', answers: 'unanswered.xml', scenario: 'call-cancelled.xml', result: 'cancelled' },
  ]) {
    it(`ends a call that ${why}`, async () => {
      const [{ id: last }] = await journal(1)
      const other = await pbx({
        cid: `${server.url}/cid/e2e-sip/${secret}`,
        hook: `${server.url}/hooks/e2e-sip/${secret}`,
        answers,
      })
      try {
        await other.call(me.extension, world.number, { talk: 500, scenario })
      } finally {
        await other.stop()
      }
      const [call] = await journal(1)
      assert.ok(call.id > last, 'a new call')
      assert.equal(call.state, 'ended', JSON.stringify(call))
      assert.equal(call.result, result, JSON.stringify(call))
      assert.equal(call.duration, 0)
    })
  }

  it('loses no event of 200 calls at once', async () => {
    const [{ id: last }] = await journal(1)
    const began = Date.now()
    await sip.call(me.extension, world.number, { talk: 5000, times: 200, rate: 50 })
    const took = (Date.now() - began) / 1000
    const calls = await journal(200, 200)
    assert.equal(new Set(calls.map(({ call_id }) => call_id)).size, 200)
    assert.ok(
      calls.every(({ id }) => id > last),
      'every one is new',
    )
    for (const call of calls) {
      assert.equal(call.state, 'ended', JSON.stringify(call))
      assert.equal(call.result, 'answered', JSON.stringify(call))
      assert.ok(call.duration >= 1 && call.duration <= took, `talked for ${call.duration} s of ${took}`)
    }
  })

  /** The latest calls of the SIP server, the newest first; waits until as many are over. */
  async function journal(limit, over = 1) {
    for (const deadline = Date.now() + 60_000; ; ) {
      const { items } = await world.api.get(`/calls?source=e2e-sip&limit=${limit}`)
      if (items.filter(({ state }) => state === 'ended').length >= over || Date.now() > deadline) return items
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
})
