// What an administrator sees and mends on the page of a source: numbers that cannot be read, fields of a PBX's own, an Asterisk
// that is too old. A real browser against the real binary.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { asterisk } from './lib/asterisk.mjs'
import { open } from './lib/browser.mjs'
import { seen } from './lib/card.mjs'
import { adminsAPI, enter } from './lib/people.mjs'
import { examine, visit } from './lib/screen.mjs'
import { start } from './lib/server.mjs'

const patience = 30_000

describe('the page of a source', { concurrency: false }, () => {
  let server, browser, api, admin, page

  before(async () => {
    server = await start()
    browser = await open()
    api = await adminsAPI(server)
    admin = await enter(browser, server, 'admin')
    page = admin.page
  })

  after(async () => {
    await browser?.close()
    await server?.stop()
  })

  /** Adds a source that accepts unsigned requests at a secret path, and returns how to post to it. */
  const generic = async (name) => {
    const secret = `secret-of-${name}`
    const { source } = await api.post('/sources', {
      name,
      dialect: 'generic',
      secret,
      settings: { path_secret: 'true' },
    })
    const post = (body) =>
      fetch(`${server.url}/hooks/${name}/${secret}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      })
    return { id: source.id, post }
  }
  const section = (title) =>
    page.locator('.panel').filter({ has: page.getByRole('heading', { name: title, exact: true }) })

  it('says which numbers cannot be read, and a rule that is tried on them first mends it', async () => {
    const { id, post } = await generic('prefixed')
    const ringing = { event: 'ringing', direction: 'in', agent: '102', number: '7812#84950000011' }
    await post({ ...ringing, call_id: 'prefixed-1' })
    await visit(admin, `/sources/${id}`)
    const problem = page.getByText('Номера, которые не читаются: 1. Добавить правило?')
    await problem.waitFor({ timeout: patience })
    const rules = section('Правила номеров')
    await rules.getByRole('button', { name: 'Добавить правило' }).click()
    const pattern = rules.getByRole('textbox', { name: /^Шаблон/ })
    await pattern.fill('7812#(')
    await rules.getByRole('button', { name: 'Сохранить' }).click()
    await page.waitForFunction(
      (at) => at.getAttribute('aria-invalid') === 'true' && document.activeElement === at,
      await pattern.elementHandle(),
      { timeout: patience },
    )
    await examine(admin, 'source-rule-refused')
    await pattern.fill('7812#(.+)')
    await rules.getByRole('row').filter({ hasText: '7812#84950000011' }).getByText('+74950000011').waitFor()
    await examine(admin, 'source-rule-tried')
    await rules.getByRole('button', { name: 'Сохранить' }).click()
    await problem.waitFor({ state: 'detached', timeout: patience })
    await post({ ...ringing, call_id: 'prefixed-2' })
    const call = (await api.get('/calls?limit=10')).items.find(({ call_id }) => call_id === 'prefixed-2')
    assert.deepEqual([call.number.e164, call.agents[0].verdict.color], ['+74950000011', 'red'])
    for (const call_id of ['prefixed-1', 'prefixed-2']) await post({ ...ringing, event: 'ended', call_id })
  })

  it('maps the fields of a PBX by pointing at them, and the card is there at its next request', async () => {
    const { id, post } = await generic('mapped')
    const sent = { type: 'RING', id: 'mapped-1', way: 'incoming', from: '84950000011', ext: '102' }
    assert.equal((await post(sent)).status, 422, 'these are not our fields')
    await visit(admin, `/sources/${id}`)
    await page
      .locator('.log')
      .getByText('event: нужно заполнить; call_id: нужно заполнить')
      .waitFor({ timeout: patience })
    const mapping = section('Соответствие полей')
    await mapping.getByRole('button', { name: 'Добавить соответствие' }).click()
    for (const [path, role] of [
      ['type', 'Событие'],
      ['id', 'Номер звонка в АТС'],
      ['way', 'Направление'],
      ['from', 'Телефон клиента'],
      ['ext', 'Сотрудник'],
    ]) {
      await mapping.getByLabel(new RegExp(`^Что означает (.*[.])?${path}$`)).selectOption({ label: role })
    }
    await mapping.getByLabel('RING', { exact: true }).selectOption({ label: 'звонит' })
    await mapping.getByLabel('incoming', { exact: true }).selectOption({ label: 'входящий' })
    await mapping.getByText('mapped-1').first().waitFor({ timeout: patience })
    await examine(admin, 'source-mapping')
    await mapping.getByRole('button', { name: 'Сохранить' }).click()
    await mapping.getByRole('button', { name: 'Сохранить' }).and(page.locator(':disabled')).waitFor()
    const petrov = await enter(browser, server, 'petrov')
    assert.equal((await post({ ...sent, id: 'mapped-2' })).status, 200)
    await seen(petrov.page, 'Acme Ltd', { color: 'red', state: 'ringing' }, patience)
    assert.deepEqual(petrov.faults, [])
    await petrov.close()
  })

  it('says in red that an Asterisk is too old', async () => {
    const pbx = await asterisk({ secret: 'secret-of-old', banner: 'Asterisk Call Manager/1.3\r\n' })
    const { source } = await api.post('/sources', {
      name: 'old',
      dialect: 'ami',
      secret: 'secret-of-old',
      settings: pbx.settings,
    })
    await visit(admin, `/sources/${source.id}`)
    const said = page.locator('main .amiss').filter({ hasText: 'слишком старый' })
    await said.first().waitFor({ timeout: patience })
    await examine(admin, 'source-too-old')
    await pbx.stop()
    admin.forgive(422) // of the rule that could not be used, each time it was tried
    assert.deepEqual(admin.faults, [])
  })
})
