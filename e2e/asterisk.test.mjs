// Click-to-call through the manager interface of an Asterisk. A real browser against the real binary, and a peer that speaks
// that interface and says what a real Asterisk said.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { asterisk } from './lib/asterisk.mjs'
import { open } from './lib/browser.mjs'
import { seen } from './lib/card.mjs'
import { adminsAPI, enter } from './lib/people.mjs'
import { examine, visit } from './lib/screen.mjs'
import { start } from './lib/server.mjs'

const acmes = { digits: '74950000011', shown: '+7 495 000-00-11' } // Ivanov has Acme in work
const secret = 'e2e-manager-secret'
const patience = 30_000

describe('click-to-call through an Asterisk', { concurrency: false }, () => {
  let server, browser, api, pbx, acme, petrov, page

  before(async () => {
    server = await start()
    browser = await open()
    api = await adminsAPI(server)
    pbx = await asterisk({ secret })
    acme = (await api.get('/companies?q=Acme')).items[0]
    petrov = await enter(browser, server, 'petrov')
    page = petrov.page
  })

  after(async () => {
    await browser?.close()
    await server?.stop()
    await pbx?.stop()
  })

  const dialog = () => page.getByRole('dialog', { name: `Звонок на ${acmes.shown}` })
  const press = () =>
    page
      .locator('main')
      .getByRole('button', { name: `Позвонить: ${acmes.shown}`, exact: true })
      .first()
      .click()
  const goOn = () => dialog().getByRole('button', { name: 'Всё равно позвонить' }).click()
  const failed = (words) => page.locator('.dialbar.failed').filter({ hasText: words }).waitFor({ timeout: patience })

  it('is ready as soon as the manager interface lets us in', async () => {
    const { source } = await api.post('/sources', { name: 'asterisk', dialect: 'ami', secret, settings: pbx.settings })
    await until(async () => (await api.get(`/sources/${source.id}`)).link.state === 'connected')
    const admin = await enter(browser, server, 'admin')
    await visit(admin, '/sources')
    await admin.page
      .locator('main tbody tr')
      .filter({ hasText: 'asterisk' })
      .getByText('подключён')
      .waitFor({ timeout: patience })
    await examine(admin, 'asterisk-connected')
    assert.deepEqual(admin.faults, [])
    await admin.close()
  })

  it('says whose client it is before anything rings, then rings the own telephone; the card talks and ends with the call', async () => {
    await visit(petrov, `/companies/${acme.id}`)
    await press()
    await dialog().locator('call-card section.card.red').filter({ hasText: 'Acme Ltd' }).waitFor()
    assert.deepEqual(pbx.orders, [], 'nothing is dialled before he says so')
    await examine(petrov, 'asterisk-verdict')
    await goOn()
    await until(() => pbx.orders.length === 1)
    const [call] = pbx.orders
    assert.deepEqual([call.extension, call.number], ['102', acmes.digits])
    await page.locator('.dialbar').getByText('Сначала зазвонит ваш телефон 102.').waitFor({ timeout: patience })
    call.ring()
    await seen(page, 'Acme Ltd', { color: 'red', state: 'ringing' }, patience)
    await page.locator('.dialbar').waitFor({ state: 'detached', timeout: patience })
    await examine(petrov, 'asterisk-ringing')
    call.lift()
    call.answer()
    await seen(page, 'Acme Ltd', { color: 'red', state: 'talking' }, patience)
    await examine(petrov, 'asterisk-talking')
    call.hangUp()
    await page.locator('call-card section.card.talking').waitFor({ state: 'detached', timeout: patience })
    const ended = async () => (await api.get('/calls?limit=1')).items[0]
    await until(async () => (await ended()).state === 'ended')
    const { source, direction, number, result } = await ended()
    assert.deepEqual([source, direction, number.e164, result], ['asterisk', 'out', `+${acmes.digits}`, 'answered'])
  })

  it('that is refused says why: no right to call, a telephone that is not there, one that is busy', async () => {
    pbx.orders.splice(0)
    for (const [how, words] of [
      ['right', 'АТС отказалась звонить. Permission denied'],
      ['telephone', 'АТС не нашла ваш телефон PJSIP/102'],
      ['busy', 'Ваш телефон PJSIP/102 занят'],
    ]) {
      pbx.refuse(how)
      await visit(petrov, `/companies/${acme.id}`)
      await press()
      await goOn()
      await failed(words)
      await examine(petrov, `asterisk-refused-${how}`)
      petrov.forgive(409)
    }
    pbx.refuse('')
    await page.locator('.dialbar.failed').getByRole('button', { name: 'Повторить' }).click()
    await goOn()
    await until(() => pbx.orders.length === 1)
    pbx.orders[0].ring()
    await seen(page, 'Acme Ltd', { color: 'red', state: 'ringing' }, patience)
    pbx.orders[0].hangUp()
  })

  it('that is switched off says that it is not connected', async () => {
    const { id } = (await api.get('/sources')).items.find(({ name }) => name === 'asterisk')
    await pbx.stop()
    await until(async () => (await api.get(`/sources/${id}`)).link.state === 'failed')
    await visit(petrov, `/companies/${acme.id}`)
    await press()
    await goOn()
    await failed('АТС сейчас не подключена.')
    petrov.forgive(409)
    assert.deepEqual(petrov.faults, [])
  })
})

/** Asks until it is so; gives up after 60 s. */
async function until(ask) {
  for (
    const deadline = Date.now() + 60_000;
    Date.now() < deadline;
    await new Promise((resolve) => setTimeout(resolve, 100))
  ) {
    if (await ask()) return
  }
  assert.fail('waited in vain for it')
}
