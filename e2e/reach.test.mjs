// The ways in and the ways to use it: tabs, passwords, English, a narrow screen, the keyboard, a frame in a CRM, the
// reference for integrators. A real browser against the real binary with demo data.

import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import { open } from './lib/browser.mjs'
import { cards, seen } from './lib/card.mjs'
import { generic } from './lib/pbx.mjs'
import { adminsAPI, enter } from './lib/people.mjs'
import { examine, focusedName, pageCard, settled, tabTo, visit } from './lib/screen.mjs'
import { start } from './lib/server.mjs'

const number = '+74950000011' // Acme's; Ivanov has it in work
const extensionOf = { petrov: '102', taylor: '109' }

describe('the reach', { concurrency: false }, () => {
  let server,
    browser,
    api,
    pbx,
    acme,
    metrics,
    calls = 0
  const guests = []
  const ends = []

  before(async () => {
    server = await start()
    browser = await open()
    api = await adminsAPI(server)
    const { token } = await server.callhue('token', 'add', '--login', 'admin', '--name', 'metrics')
    metrics = { headers: { Authorization: `Bearer ${token}` } }
    const { secret } = await api.post('/sources', { name: 'e2e', dialect: 'generic' })
    pbx = generic(server.url, 'e2e', secret)
    acme = (await api.get('/companies?q=Acme')).items[0]
  })

  after(async () => {
    await browser?.close()
    await server?.stop()
  })

  afterEach(async () => {
    for (const end of ends.splice(0)) await end()
    for (const guest of guests.splice(0)) await guest.close()
    await streamsBecome(0)
  })

  const admit = (guest) => {
    guests.push(guest)
    return guest
  }

  const arrive = async (login, options) => admit(await enter(browser, server, login, options))

  /** Rings at an agent; the call ends with the test. */
  const ring = async (login, rung = number) => {
    const call = { call_id: `reach-${++calls}`, direction: 'out', number: rung, agent: extensionOf[login] }
    const say = async (event) => assert.equal((await pbx.say({ ...call, event })).status, 200)
    await say('ringing')
    ends.push(() => say('ended'))
  }

  const openStreams = async () =>
    Number(/^callhue_live_streams (\d+)/m.exec(await (await fetch(`${server.url}/metrics`, metrics)).text())[1])

  const streamsBecome = async (wanted) => {
    for (
      const deadline = Date.now() + 30_000;
      Date.now() < deadline;
      await new Promise((resolve) => setTimeout(resolve, 100))
    ) {
      if ((await openStreams()) === wanted) return
    }
    assert.equal(await openStreams(), wanted, 'open live streams')
  }

  it('two tabs share one stream, both show the card, and signing out ends it in both until somebody signs in', async () => {
    const petrov = await arrive('petrov')
    const second = await petrov.tab()
    await second.goto(server.url)
    await streamsBecome(1)
    await ring('petrov')
    for (const page of [petrov.page, second]) await seen(page, 'Acme Ltd', { color: 'red', state: 'ringing' })
    assert.equal(await openStreams(), 1)
    await petrov.page.getByRole('button', { name: 'Выйти' }).click()
    await petrov.page.waitForURL((url) => url.pathname === '/signin')
    await streamsBecome(0)
    await second.waitForURL((url) => url.pathname === '/signin')
    assert.equal(await cards(second).count(), 0, 'the card of somebody who has signed out')
    await examine(petrov, 'signin')
    petrov.forgive(401)
    assert.deepEqual(petrov.faults, [])

    const { link } = await server.callhue('user', 'link', 'petrov', '--public-url', server.url)
    await petrov.page.goto(link)
    assert.deepEqual(await petrov.findings(), [])
    await petrov.page.getByRole('button', { name: 'Войти как' }).click()
    await petrov.page.waitForURL((url) => url.pathname === '/')
    await seen(petrov.page, 'Acme Ltd', { color: 'red', state: 'ringing' })
    await streamsBecome(1)
  })

  it('a password opens the door, a wrong one does not', async () => {
    await server.passwd('sidorova', 'three blue herons')
    const sidorova = admit(await browser.window())
    const { page } = sidorova
    await page.goto(`${server.url}/`)
    await page.waitForURL((url) => url.pathname === '/signin')
    for (const password of ['three red herons', 'three blue herons']) {
      await page.getByRole('textbox', { name: 'Логин' }).fill('sidorova')
      await page.getByLabel('Пароль').first().fill(password)
      await page.getByRole('button', { name: 'Войти' }).click()
      if (password === 'three red herons') await page.getByText('Неверный логин или пароль.').waitFor()
    }
    await page.waitForURL((url) => url.pathname === '/')
    await page.getByText('Сидорова').first().waitFor()
    await page.getByText('Связь есть').waitFor()
    sidorova.forgive(401)
  })

  it('speaks English on every screen, and on the card of an English agent', async () => {
    const admin = await arrive('admin', { lang: 'en-US' })
    await admin.page.getByRole('button', { name: 'English' }).click()
    await admin.page.getByRole('link', { name: 'Check a number' }).waitFor()
    for (const path of [
      '/',
      '/check',
      '/calls',
      '/companies',
      `/companies/${acme.id}`,
      '/contacts',
      '/leads',
      '/leads/new',
      '/statuses',
      '/sources',
      '/sources/1',
      '/nowhere',
    ]) {
      await visit(admin, path)
      const labels = await admin.page
        .locator('nav a, main h1, main h2, main th, main label, main dt, main button')
        .allInnerTexts()
      const own = labels.filter((text) => !text.includes('Acme'))
      assert.ok(own.length > 8, `${path} says too little`)
      assert.deepEqual(
        own.filter((text) => /[а-яё]/i.test(text)),
        [],
        `Russian on ${path}`,
      )
      await examine(admin, `en${path.replaceAll('/', '-')}`)
    }

    const taylor = await arrive('taylor')
    await ring('taylor', '+447700900011')
    const card = await seen(taylor.page, 'Harbour Tea Ltd', { color: 'red', state: 'ringing' })
    await taylor.page.locator('html[lang=en]').waitFor({ state: 'attached' })
    const words = (await card.innerText()).replace(/^.*Клиент$/gm, '')
    assert.match(words, /TAKEN/)
    assert.doesNotMatch(words.replace('Клиент', ''), /[а-яё]/i)
    await examine(taylor, 'en-card')
  })

  it('rules, people and control: in English, and within 360 px', async () => {
    const admin = await arrive('admin', { lang: 'en-US', width: 360, height: 740 })
    await admin.page
      .getByRole('button', { name: 'Menu' })
      .or(admin.page.getByRole('button', { name: 'Меню' }))
      .click()
    await admin.page.getByRole('button', { name: 'English' }).click()
    for (const path of [
      '/policy',
      '/journal',
      '/users',
      '/users/1',
      '/requests',
      '/incidents',
      '/do-not-call',
      '/quality',
      '/quality/duplicates',
    ]) {
      await visit(admin, path)
      const labels = await admin.page
        .locator('main h1, main h2, main th, main label, main dt, main [type=submit]')
        .allInnerTexts()
      assert.deepEqual(
        labels.filter((text) => /[а-яё]/i.test(text.replace(/The same .*|Русский/s, '')) && path !== '/users/1'),
        [],
        `Russian on ${path}`,
      )
      await examine(admin, `narrow-en${path.replaceAll('/', '-')}`)
    }
    assert.deepEqual(admin.faults, [])
  })

  it('fits 360 px, and what is to be pressed can be pressed beside a live card', async () => {
    const admin = await arrive('admin', { width: 360, height: 740 })
    for (const path of [
      '/',
      '/check',
      '/calls',
      '/companies',
      `/companies/${acme.id}`,
      '/contacts',
      '/leads',
      '/contacts/new',
      '/statuses',
      '/sources',
      '/sources/1',
    ]) {
      await visit(admin, path)
      await examine(admin, `narrow${path.replaceAll('/', '-')}`)
    }

    const petrov = await arrive('petrov', { width: 360, height: 740 })
    await ring('petrov')
    await seen(petrov.page, 'Acme Ltd', { color: 'red', state: 'ringing' })
    await examine(petrov, 'narrow-card')
    await visit(petrov, `/companies/${acme.id}`)
    await seen(petrov.page, 'Acme Ltd', { color: 'red', state: 'ringing' })
    await petrov.picture('narrow-company-card')
    await petrov.page.getByLabel('Новый статус').selectOption({ label: 'В ожидании' })
    const change = petrov.page.getByRole('button', { name: 'Сменить статус' })
    await change.focus() // as the Tab key does: the browser scrolls it to where it can be seen
    await petrov.picture('narrow-company-button')
    await change.click({ timeout: 30_000 }) // refused when something covers it
    await petrov.page.getByRole('alert').filter({ hasText: 'может только руководитель ответственного' }).waitFor()
  })

  it('needs no mouse: the card is reached and minimised, a number is checked', async () => {
    const petrov = await arrive('petrov')
    const { page } = petrov
    await ring('petrov')
    await seen(page, 'Acme Ltd', { color: 'red', state: 'ringing' })
    await tabTo(page, 'Свернуть')
    await page.keyboard.press('Enter')
    await seen(page, 'Acme Ltd', { color: 'red', state: 'ringing', folded: true })
    assert.equal(await focusedName(page), 'Развернуть', 'the focus must stay on the card')
    await tabTo(page, 'Проверить номер')
    await petrov.picture('keyboard-focus')
    await page.keyboard.press('Enter')
    await page.waitForURL((url) => url.pathname === '/check')
    await settled(page)
    await page.keyboard.type('8 495 000 00 11')
    await page.keyboard.press('Enter')
    await pageCard(petrov, 'red', 'Acme Ltd')
    assert.deepEqual(petrov.faults, [])
  })

  it('shows the card in a frame of a CRM to whoever has a ticket', async () => {
    const petrov = await arrive('petrov')
    const answer = await petrov.page.request.post(`${server.url}/api/v1/live/ticket`)
    const { ticket } = await answer.json()
    const frame = admit(await browser.window({ width: 480, height: 640 }))
    await frame.page.goto(`${server.url}/embed/card?ticket=${encodeURIComponent(ticket)}`)
    await frame.page.getByText('Ждём звонка').waitFor()
    await frame.picture('embed-idle')
    await streamsBecome(2)
    await ring('petrov')
    await seen(frame.page, 'Acme Ltd', { color: 'red', state: 'ringing' })
    assert.deepEqual(await frame.findings(), [])
    await frame.picture('embed')
    assert.deepEqual(frame.faults, [])
  })

  it('shows the card of that frame again after a reload and after a restart of the server', async () => {
    const petrov = await enter(browser, server, 'petrov')
    const answer = await petrov.page.request.post(`${server.url}/api/v1/live/ticket`)
    const { ticket } = await answer.json()
    await petrov.close()
    const frame = admit(await browser.window({ width: 480, height: 640 }))
    await frame.page.goto(`${server.url}/embed/card?ticket=${encodeURIComponent(ticket)}`)
    await streamsBecome(1)
    await ring('petrov')
    await seen(frame.page, 'Acme Ltd', { color: 'red', state: 'ringing' })
    await frame.page.reload()
    await seen(frame.page, 'Acme Ltd', { color: 'red', state: 'ringing' })

    await server.restart()
    await streamsBecome(1)
    await ring('petrov', '+74950000012')
    await frame.page.getByText('+7 495 000-00-12').first().waitFor({ timeout: 30_000 })
    assert.equal(await frame.page.getByText('Нет связи').count(), 0)
    const others = frame.faults.filter((fault) => !fault.includes('net::ERR_')) // while there was no server
    assert.deepEqual(others, [])
  })

  it('says in a frame without a ticket that nobody is signed in', async () => {
    const frame = admit(await browser.window({ width: 480, height: 640 }))
    for (const path of ['/embed/card', '/embed/card?ticket=used']) {
      await frame.page.goto(server.url + path)
      await frame.page.getByText('Вход не выполнен.').waitFor()
      assert.deepEqual(await frame.findings(), [])
    }
    frame.forgive(401)
    assert.deepEqual(frame.faults, [])
  })

  it('tells integrators how it works', async () => {
    const reader = admit(await browser.window())
    await reader.page.goto(`${server.url}/docs`)
    await reader.page.getByRole('heading', { name: '/api/v1/calls/{id}/card/close' }).waitFor()
    await reader.picture('docs')
    const document = await (await fetch(`${server.url}/openapi.json`)).json()
    assert.match(document.openapi, /^3\.1/)
    assert.ok(document.paths['/api/v1/check'].post)
    assert.deepEqual(reader.faults, [])
  })
})
