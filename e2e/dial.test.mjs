// Click-to-call: whose client it is comes first, then what the policy wants, then the PBX. A real browser against the
// real binary, and a PBX that can be told over HTTP to make a call.

import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import { open } from './lib/browser.mjs'
import { seen } from './lib/card.mjs'
import { dialler } from './lib/dialler.mjs'
import { generic } from './lib/pbx.mjs'
import { adminsAPI, enter } from './lib/people.mjs'
import { examine, tabTo, visit } from './lib/screen.mjs'
import { start } from './lib/server.mjs'

const acmes = { e164: '+74950000011', shown: '+7 495 000-00-11' } // Ivanov has Acme in work
const nobodys = { e164: '+74950009977', shown: '+7 495 000-99-77' } // in no record
const extension = '102' // Petrov's

describe('a call from the screen', { concurrency: false }, () => {
  let server, browser, api, pbx, acme
  const people = {}
  const guests = []
  const names = {} // of sources: what says their events

  before(async () => {
    server = await start({ flags: ['--allow-private-hooks'] })
    browser = await open()
    api = await adminsAPI(server)
    pbx = await dialler()
    acme = (await api.get('/companies?q=Acme')).items[0]
    for (const login of ['petrov', 'smirnov', 'admin']) people[login] = await enter(browser, server, login)
  })

  after(async () => {
    await browser?.close()
    await pbx?.stop()
    await server?.stop()
  })

  afterEach(async () => {
    pbx.refuse(0)
    pbx.orders.splice(0)
    for (const guest of guests.splice(0)) await guest.close()
  })

  const connect = async (name) => {
    const { secret } = await api.post('/sources', { name, dialect: 'generic', settings: pbx.settings })
    names[name] = generic(server.url, name, secret)
  }

  const policy = async (change) => {
    const active = await api.get('/policy')
    await api.put('/policy', { ...active, ...change(active), reason: 'e2e' })
  }

  const button = (page, { shown }) =>
    page
      .locator('main')
      .getByRole('button', { name: `Позвонить: ${shown}`, exact: true })
      .first()
  const dialog = (page, { shown }) => page.getByRole('dialog', { name: `Звонок на ${shown}` })

  /** Waits for the order that the PBX gets, and has it ring as such a PBX would. */
  const rung = async (number, source = 'office') => {
    for (const deadline = Date.now() + 30_000; pbx.orders.length === 0 && Date.now() < deadline; )
      await new Promise((resolve) => setTimeout(resolve, 50))
    assert.deepEqual(
      pbx.orders.map((order) => [order.extension, order.number]),
      [[extension, number]],
    )
    const call = { call_id: pbx.orders[0].id, direction: 'out', number, agent: extension }
    const say = async (event) => assert.equal((await names[source].say({ ...call, event })).status, 200)
    await say('ringing')
    return { hangUp: () => say('ended') }
  }

  it('cannot be made: the button says why, to an agent what to ask for, to an administrator where to set it up', async () => {
    const {
      petrov,
      petrov: { page },
      admin,
    } = people
    await visit(petrov, `/companies/${acme.id}`)
    const why = 'Ни одна подключённая АТС не умеет звонить отсюда.'
    await page.getByRole('button', { name: `Позвонить: ${acmes.shown}. ${why}` }).click()
    await dialog(page, acmes).getByText(why).waitFor()
    assert.equal(await dialog(page, acmes).getByRole('link').count(), 0)
    await examine(petrov, 'dial-cannot')
    await page.keyboard.press('Escape')
    await dialog(page, acmes).waitFor({ state: 'detached' })

    await connect('office')
    await visit(admin, `/companies/${acme.id}`)
    await admin.page.getByRole('button', { name: `Позвонить: ${acmes.shown}. У вас нет внутреннего номера` }).click()
    const me = await admin.get('/me')
    assert.equal(
      await dialog(admin.page, acmes).getByRole('link', { name: 'Настроить' }).getAttribute('href'),
      `/users/${me.id}`,
    )
    await examine(admin, 'dial-no-extension')
  })

  it('to a free number goes at once: the screen says that the own telephone rings first, and the card takes over', async () => {
    const {
      petrov,
      petrov: { page },
    } = people
    await visit(petrov, `/check?number=${encodeURIComponent(nobodys.e164)}`)
    await button(page, nobodys).click()
    const bar = page.locator('.dialbar')
    await bar.getByText(`Сначала зазвонит ваш телефон ${extension}.`).waitFor()
    await bar.getByText('через office').waitFor()
    await examine(petrov, 'dial-ringing')
    const call = await rung(nobodys.e164)
    await seen(page, nobodys.shown, { color: 'none', state: 'ringing' })
    await bar.waitFor({ state: 'detached' })
    await call.hangUp()
  })

  it('to a colleague’s client shows the red card first, and goes on only when the agent says so', async () => {
    const {
      petrov,
      petrov: { page },
    } = people
    await visit(petrov, `/companies/${acme.id}`)
    await button(page, acmes).click()
    await dialog(page, acmes).locator('call-card section.card.red').filter({ hasText: 'Acme Ltd' }).waitFor()
    await page.waitForFunction(() => document.activeElement?.textContent === 'Не звонить')
    await examine(petrov, 'dial-red')
    await page.keyboard.press('Enter')
    await dialog(page, acmes).waitFor({ state: 'detached' })
    assert.deepEqual(pbx.orders, [], 'nothing was dialled')
    await page.waitForFunction(
      (name) => document.activeElement?.getAttribute('aria-label') === name,
      `Позвонить: ${acmes.shown}`,
    ) // the focus is back
    await button(page, acmes).click()
    await dialog(page, acmes).getByRole('button', { name: 'Всё равно позвонить' }).click()
    const call = await rung(acmes.e164)
    await seen(page, 'Acme Ltd', { color: 'red', state: 'ringing' })
    await call.hangUp()
  })

  it('where a reason is wanted takes it beforehand, and the card of the call has it', async () => {
    const {
      petrov,
      petrov: { page },
    } = people
    await policy(({ enforcement }) => ({ enforcement: { ...enforcement, mode: 'reason' } }))
    await visit(petrov, '/calls')
    await button(page, acmes).click()
    await dialog(page, acmes).getByRole('textbox', { name: 'Причина звонка' }).fill('   ')
    assert.ok(
      await dialog(page, acmes).getByRole('button', { name: 'Всё равно позвонить' }).isDisabled(),
      'blanks are no reason',
    )
    await dialog(page, acmes).getByRole('textbox').fill('сам просил перезвонить')
    await examine(petrov, 'dial-reason')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    const call = await rung(acmes.e164)
    const card = await seen(page, 'Acme Ltd', { color: 'red', state: 'ringing' })
    await card.getByText('Сохранено: сам просил перезвонить').waitFor()
    await call.hangUp()
  })

  it('where a permit is wanted, and to a blocked number, is not begun: it says so, and how to ask', async () => {
    const {
      petrov,
      petrov: { page },
    } = people
    await policy(({ enforcement }) => ({ enforcement: { ...enforcement, mode: 'permit' }, do_not_call: 'block' }))
    await api.post('/do-not-call', { number: nobodys.e164, reason: 'просил не звонить' })
    await visit(petrov, `/companies/${acme.id}`)
    await button(page, acmes).click()
    await dialog(page, acmes).getByText('Для этого клиента нужно разрешение руководителя ответственного.').waitFor()
    assert.equal(
      await dialog(page, acmes)
        .getByRole('button', { name: /Всё равно/ })
        .count(),
      0,
    )
    await examine(petrov, 'dial-permit')
    await dialog(page, acmes).getByRole('button', { name: 'Попросить разрешение' }).click()
    await page
      .getByRole('dialog', { name: 'Попросить разрешение' })
      .getByText('За компанию Acme Ltd отвечает Иванов Сергей')
      .waitFor()
    await page.keyboard.press('Escape')

    await visit(petrov, `/check?number=${encodeURIComponent(nobodys.e164)}`)
    await button(page, nobodys).click()
    await dialog(page, nobodys).getByRole('alert').filter({ hasText: 'Этот номер в списке «не звонить».' }).waitFor()
    assert.equal(
      await dialog(page, nobodys)
        .getByRole('button', { name: /озвонить$/ })
        .count(),
      0,
    )
    await examine(petrov, 'dial-blocked')
    await page.keyboard.press('Escape')
    assert.deepEqual(pbx.orders, [])
    await policy(({ enforcement }) => ({ enforcement: { ...enforcement, mode: 'warn' }, do_not_call: 'warn' }))
  })

  it('that the PBX refuses says so in its words, and can be tried again', async () => {
    const {
      smirnov,
      smirnov: { page },
    } = people
    pbx.refuse(503)
    await visit(smirnov, '/contacts')
    const first = page.locator('main tbody .dial').first()
    await first.click()
    const goOn = page.getByRole('button', { name: 'Всё равно позвонить' })
    const failed = page.locator('.dialbar.failed')
    await goOn.or(failed).first().waitFor()
    if (await goOn.count()) await goOn.click()
    await failed.getByText('АТС отказалась звонить. HTTP 503').waitFor()
    smirnov.forgive(409)
    await examine(smirnov, 'dial-refused')
    pbx.refuse(0)
    await failed.getByRole('button', { name: 'Повторить' }).click()
    await goOn.or(page.getByText('Сначала зазвонит ваш телефон')).first().waitFor()
    if (await goOn.count()) await goOn.click()
    await page.getByText('Сначала зазвонит ваш телефон').waitFor()
    assert.equal(pbx.orders.length, 1)
    await page.locator('.dialbar').getByRole('button').click()
    await page.locator('.dialbar').waitFor({ state: 'detached' })
  })

  it('asks once through which of two PBXs, and keeps the answer in this browser', async () => {
    const {
      petrov,
      petrov: { page },
    } = people
    await connect('shop')
    await page.reload()
    await visit(petrov, '/check?number=84950009976')
    const number = { e164: '+74950009976', shown: '+7 495 000-99-76' }
    await button(page, number).click()
    const call = dialog(page, number).getByRole('button', { name: 'Позвонить', exact: true })
    assert.ok(await call.isDisabled())
    await dialog(page, number).getByLabel('Звонить через').selectOption('shop')
    await examine(petrov, 'dial-through')
    await call.click()
    await (await rung(number.e164, 'shop')).hangUp()
    pbx.orders.splice(0)
    await visit(petrov, '/check?number=84950009976')
    await button(page, number).click()
    await page.locator('.dialbar').getByText('через shop').waitFor()
    assert.equal(await page.locator('aside').getByLabel('Звонить через').inputValue(), 'shop')
    await page.locator('.dialbar').getByRole('button').click()
  })

  it('needs no mouse, fits 360 px, and speaks English', async () => {
    const taylor = await enter(browser, server, 'taylor', { lang: 'en-US', width: 360, height: 740 })
    guests.push(taylor)
    const { page } = taylor
    const harbour = (await api.get('/companies?q=Harbour')).items[0]
    await page.evaluate(() => localStorage.setItem('callhue.dial', 'office'))
    for (const path of ['/companies', `/companies/${harbour.id}`, '/calls']) {
      await visit(taylor, path)
      await examine(taylor, `dial-narrow${path.replaceAll('/', '-')}`)
    }
    await visit(taylor, `/companies/${harbour.id}`)
    await tabTo(page, 'Call +44 7700 900011')
    await page.keyboard.press('Enter')
    const asked = page.getByRole('dialog', { name: 'Call to +44 7700 900011' })
    await asked.locator('call-card section.card.red').waitFor()
    await examine(taylor, 'dial-narrow-red')
    await tabTo(page, 'Call anyway')
    await page.keyboard.press('Enter')
    await page.getByText('Your phone 109 rings first.').waitFor()
    await examine(taylor, 'dial-narrow-ringing')
    assert.deepEqual(
      pbx.orders.map((order) => [order.extension, order.number]),
      [['109', '+447700900011']],
    )
    assert.deepEqual(taylor.faults, [])
  })

  it('stands beside every number: of companies, contacts and leads, on their pages, and of past calls', async () => {
    const {
      petrov,
      petrov: { page },
    } = people
    for (const [list, folder] of [
      ['companies', '/companies/'],
      ['contacts', '/contacts/'],
      ['leads', '/leads/'],
    ]) {
      await visit(petrov, `/${list}`)
      const row = page
        .locator('main tbody tr')
        .filter({ has: page.locator('.dial') })
        .first()
      assert.match(await row.locator('.dial').first().getAttribute('aria-label'), /^Позвонить: \+/)
      await page.goto(new URL(await row.locator(`a[href^="${folder}"]`).first().getAttribute('href'), server.url).href)
      await page.locator('.factlist .dial').first().waitFor()
    }
    await visit(petrov, '/calls')
    const [rows, buttons] = [
      await page.locator('main tbody tr').count(),
      await page.locator('main tbody .dial').count(),
    ]
    assert.ok(buttons > 0 && buttons <= rows)
  })

  it('came without a script error, an unasked line on the error console or a request to another host', () => {
    assert.deepEqual(
      Object.values(people).flatMap(({ faults }) => faults),
      [],
    )
  })
})
