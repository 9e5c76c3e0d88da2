// One call, end to end: a PBX's webhook over HTTP, and the card in a real browser.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { open } from './lib/browser.mjs'
import { cards, fromAfar, seen } from './lib/card.mjs'
import { pressLink, signIn } from './lib/people.mjs'
import { start } from './lib/server.mjs'
import { furnish } from './lib/world.mjs'

const run = promisify(execFile)

describe('the card of a call', { concurrency: false }, () => {
  let server, browser, petrov, ivanov, me, world

  // The link that --demo prints signs in the demo agent; he is Petrov here, whatever the demo calls him.
  before(async () => {
    server = await start()
    browser = await open()
    petrov = await signIn(browser, server.link)
    me = await petrov.get('/me')
    world = await furnish(server, me)
    ivanov = await signIn(browser, world.ivanov.link)
  })

  after(async () => {
    await browser?.close()
    await server?.stop()
  })

  const hear = (agent, callID, event = 'ringing') =>
    accepted(world.office.say({ event, call_id: callID, direction: 'out', number: world.number, agent }))

  it('turns red by the curl that --demo prints, for the agent of the link that --demo prints', async () => {
    await run('bash', ['-c', server.curl])
    await petrov.page.locator('call-card section.card.red').first().waitFor({ state: 'visible', timeout: 30_000 })
    await petrov.picture('demo-red')
  })

  it('is red for Petrov when he rings a company that Ivanov has in work, and names the owner', async () => {
    await hear(me.extension, 'e2e-1')
    await seen(petrov.page, world.company.name, { color: 'red', state: 'ringing' })
    const card = await seen(petrov.page, world.ivanov.name, { color: 'red', state: 'ringing' })
    const {
      width,
      height,
      background: [red, green, blue],
    } = await fromAfar(card)
    assert.ok(width >= 320 && height >= 240, `${width}x${height} is too small to be noticed from three metres`)
    assert.ok(red > 2 * Math.max(green, blue), `the whole background must be red, not rgb(${red}, ${green}, ${blue})`)
    await petrov.picture('petrov-red')
    assert.equal(await cards(ivanov.page).count(), 0, "Ivanov must not see Petrov's card")
  })

  it('is not red for Ivanov, who rings the same number', async () => {
    await hear(world.ivanov.extension, 'e2e-2')
    await seen(ivanov.page, world.company.name, { color: 'none', state: 'ringing' })
    await ivanov.picture('ivanov-own')
    assert.equal(await cards(petrov.page, world.company.name).count(), 1, "Petrov must not see Ivanov's card")
  })

  it('has nothing on it that axe calls serious', async () => {
    assert.deepEqual(await petrov.findings(), [])
    assert.deepEqual(await ivanov.findings(), [])
  })

  it('changes when the call is answered', async () => {
    await hear(me.extension, 'e2e-1', 'answered')
    await seen(petrov.page, world.company.name, { color: 'red', state: 'talking' })
  })

  it('is still there after a reload', async () => {
    await petrov.page.reload()
    await seen(petrov.page, world.company.name, { color: 'red', state: 'talking' })
  })

  it('stays one card when the PBX repeats itself, and folds when the call ends', async () => {
    await hear(me.extension, 'e2e-1', 'answered')
    await hear(me.extension, 'e2e-1')
    await hear(me.extension, 'e2e-1', 'ended')
    await seen(petrov.page, world.company.name, { color: 'red', state: 'ended', folded: true })
    assert.equal(await cards(petrov.page, world.company.name).count(), 1)
    await petrov.picture('petrov-ended')
  })

  it('is red by an itoolabs PBX too, which knows Petrov by its own login', async () => {
    await accepted(
      world.cloud.say({
        cmd: 'event',
        type: 'OUTGOING',
        phone: world.number.slice(1),
        user: world.loginAtCloud,
        direction: 'out',
        diversion: '74950000001',
        callid: 'itl-1',
      }),
    )
    await seen(petrov.page, world.company.name, { color: 'red', state: 'ringing' })
    await petrov.picture('petrov-itoolabs')
  })

  it('does not appear for an event with a wrong signature', async () => {
    const before = await cards(petrov.page).count()
    const event = {
      event: 'ringing',
      call_id: 'e2e-forged',
      direction: 'out',
      number: world.number,
      agent: me.extension,
    }
    const answer = await world.office.say(event, { signedWith: 'not the secret' })
    assert.equal(answer.status, 401)
    // A true event after the forged one proves that the stream had time to bring it.
    await hear(me.extension, 'e2e-3')
    await cards(petrov.page).nth(before).waitFor({ timeout: 30_000 })
    assert.equal(await cards(petrov.page).count(), before + 1)
  })

  it('needs few bytes on the wire: the first screen of a new browser, and what paints the card', async (t) => {
    const { link } = await server.callhue('user', 'link', me.login, '--public-url', server.url)
    const person = await browser.window()
    const sizes = {}
    person.page.on('requestfinished', async (request) => {
      const { responseBodySize } = await request.sizes()
      sizes[new URL(request.url()).pathname] = responseBodySize
    })
    await pressLink(person, link)
    await person.page.getByRole('navigation').first().waitFor({ timeout: 30_000 })
    await person.page.evaluate(() => document.fonts.ready)
    await person.page.waitForTimeout(500)
    const sum = (wanted) => Object.entries(sizes).reduce((all, [path, size]) => all + (wanted.test(path) ? size : 0), 0)
    const card = sum(/^\/$|^\/assets\/(app|livecards)-/)
    const screen = sum(/^\/$|^\/assets\//)
    t.diagnostic(`first screen ${screen} bytes, before the card ${card} bytes`)
    assert.ok(card > 1000 && card <= 15_000 * 1.33, `${card} bytes before the card can show`)
    assert.ok(screen > card && screen <= 250_000 * 1.33, `the first screen takes ${screen} bytes`)
  })

  it('came without a script error, a line on the error console or a request to another host', () => {
    assert.deepEqual([...petrov.faults, ...ivanov.faults], [])
  })
})

/** The webhook's 200, or an error that shows what the server said instead. */
async function accepted(answer) {
  const response = await answer
  assert.equal(response.status, 200, `the webhook was refused: ${response.status} ${await response.text()}`)
}
