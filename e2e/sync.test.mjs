// A connected CRM: installed in a portal, who is who there, everything brought in, what may not be changed from there, and
// our card inside its call card. A real browser against the real binary and a played Bitrix24 portal.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { open } from './lib/browser.mjs'
import { play } from './lib/crm.mjs'
import { adminsAPI, enter } from './lib/people.mjs'
import { examine, settled, visit } from './lib/screen.mjs'
import { start } from './lib/server.mjs'

// The portal's users have the extensions 101 to 105, as Ivanov, Petrov and others have them here.
// The fifth becomes the administrator.
const [ivanov, petrov, boss] = [1, 2, 5]
const number = '+74950008801' // in no record of the demo
const scriptOfBitrix24 = 'https://api.bitrix24.com'

describe('a connected CRM', { concurrency: false }, () => {
  let server, browser, api, portal, source, client
  const people = {}

  before(async () => {
    server = await start({ flags: ['--allow-private-hooks'] })
    portal = await play('bitrix24', '--rate', '-1')
    browser = await open()
    api = await adminsAPI(server)
    people.admin = await enter(browser, server, 'admin')
  })

  after(async () => {
    await browser?.close()
    await portal?.stop()
    await server?.stop()
  })

  /** One of the portal's people in it; our pages stand in a frame there. */
  const atPortal = async (options) => {
    const person = await browser.window({ ...options, also: [server.url, scriptOfBitrix24] })
    await person.page.route(`${scriptOfBitrix24}/**`, async (route) =>
      route.fulfill({ contentType: 'text/javascript', body: await (await fetch(portal.bx24)).text() }),
    )
    return person
  }

  const at = (tab = '') => `/sources/${source.id}${tab && `?tab=${tab}`}`
  const state = (page, words) => page.locator('.syncmark').filter({ hasText: words }).waitFor({ timeout: 30_000 })

  it('is added with its settings; a secret one is not shown again', async () => {
    const {
      admin,
      admin: { page },
    } = people
    await visit(admin, '/sources')
    await page.getByRole('button', { name: 'Новый источник' }).click()
    await page.getByLabel('АТС или CRM').selectOption('bitrix24-sync')
    await page.getByText('Ещё настройки').click()
    await page.getByRole('textbox', { name: 'Название' }).fill('portal')
    await page.getByRole('textbox', { name: 'Секрет', exact: true }).fill(portal.client_secret)
    await page.getByRole('textbox', { name: 'Домен портала' }).fill(portal.address)
    await page.getByRole('textbox', { name: 'Код приложения' }).fill(portal.client_id)
    await page.getByRole('textbox', { name: 'Адрес сервера авторизации' }).fill(portal.oauth)
    await examine(admin, 'sync-new')
    await page.getByRole('button', { name: 'Подключить' }).click()
    await page.getByText(`${server.url}/bitrix24/install`).first().waitFor()
    await page.getByRole('link', { name: 'Открыть источник' }).click()
    await settled(page)
    source = (await api.get('/sources')).items.find(({ name }) => name === 'portal')
    await state(page, 'Не установлено')
    await examine(admin, 'sync-not-installed')
    await page.getByRole('tab', { name: 'Подключение' }).click()
    await page.getByText(`${server.url}/bitrix24/install`).first().waitFor()
    assert.ok(!(await page.content()).includes(portal.client_secret))
  })

  it('is installed by an administrator inside the portal, and then answers', async () => {
    const {
      admin: { page },
    } = people
    const orlov = await atPortal()
    await orlov.page.goto(
      `${portal.address}/app/install?user=1&to=${encodeURIComponent(`${server.url}/bitrix24/install`)}`,
    )
    await orlov.page.frameLocator('iframe').getByRole('heading').waitFor()
    await orlov.page.waitForFunction(() => window.portal.finished)
    await orlov.picture('sync-installed')
    assert.deepEqual(orlov.faults, [])
    await orlov.close()
    await visit(people.admin, at())
    await page.getByText('Проверьте сопоставление и сохраните его').waitFor({ timeout: 30_000 })
    await page.getByRole('tab', { name: 'Подключение' }).click()
    await page.getByRole('button', { name: 'Проверить подключение' }).click()
    await page.getByText(/^Подключение есть: .*User1/).waitFor()
    await page.getByRole('tab', { name: 'Состояние' }).click()
    await examine(people.admin, 'sync-waits')
  })

  it('who is who: statuses by their names, one by hand, employees found and chosen; saving brings everything in', async () => {
    const {
      admin,
      admin: { page },
    } = people
    await page.getByRole('button', { name: 'Открыть сопоставление' }).click()
    await page.getByLabel('Поле со статусом').selectOption({ label: 'Состояние клиента' })
    await page.getByRole('button', { name: 'Сопоставить по названию' }).click()
    assert.equal(await page.getByLabel('Наш статус для «В работе»').inputValue(), 'IN_WORK')
    await page.getByLabel('Наш статус для «Ждём»').selectOption('WAITING')
    await page.locator('.pairs .mark.red').waitFor()
    await examine(admin, 'sync-mapping')
    await page.getByRole('button', { name: 'Сохранить' }).click()
    await page.getByText('Сохранено').first().waitFor()
    const saved = await api.get(`/sources/${source.id}/sync/mapping`)
    assert.deepEqual(
      saved.statuses.map(({ value, status }) => [value, status]),
      [
        ['FREE', ''],
        ['WORK', 'IN_WORK'],
        ['WAIT', 'WAITING'],
      ],
    )
    await page.getByRole('tab', { name: 'Состояние' }).click()
    await state(page, 'Синхронизировано')
    await page.locator('.phases .done').nth(4).waitFor()
    assert.match(await page.locator('main tbody tr').filter({ hasText: 'Компании' }).innerText(), /10/)
    await examine(admin, 'sync-following')
  })

  it('who is who: an employee is found by words, and is somebody else from now on', async () => {
    const {
      admin,
      admin: { page },
    } = people
    await page.getByRole('tab', { name: 'Сопоставление' }).click()
    const row = page.locator('main tbody tr').filter({ hasText: 'user1@portal.example' })
    await row.getByText('по внутреннему номеру').waitFor()
    await page.getByRole('searchbox', { name: 'Поиск' }).fill('user5@')
    assert.equal(await page.locator('main tbody tr').count(), 1)
    await page.getByLabel(/^Наш сотрудник для: /).selectOption({ label: 'Администратор' })
    await page.locator('main tbody tr').getByText('вручную').waitFor()
    await page.getByRole('button', { name: 'Сохранить' }).click()
    await page.getByText('Сохранено').first().waitFor()
    const { users } = await api.get(`/sources/${source.id}/sync/mapping`)
    const chosen = users.find(({ email }) => email === 'user5@portal.example')
    assert.deepEqual([chosen.how, chosen.user.name], ['chosen', 'Администратор'])
    await examine(admin, 'sync-users')
    await page.getByRole('tab', { name: 'Состояние' }).click()
    await state(page, 'Синхронизировано')
  })

  it('follows: a new company there is a red card here, and nobody gets it by changing its owner there', async () => {
    const {
      admin,
      admin: { page },
    } = people
    const { id } = await portal.order('add', {
      kind: 'COMPANY',
      by: boss,
      title: 'Вектор',
      owner: ivanov,
      state: 'WORK',
      phone: number,
    })
    const card = async () => api.post('/check', { number, agent: 'petrov' })
    await until(async () => (await card()).verdict.color === 'red')
    client = (await card()).subject
    assert.deepEqual([client.name, client.owner.name], ['Вектор', 'Иванов Сергей'])
    await portal.order('change', { kind: 'COMPANY', id, by: petrov, owner: petrov })
    await visit(admin, at())
    await page.getByRole('tab', { name: /Конфликты\s*1/ }).click({ timeout: 30_000 })
    const line = page.locator('.conflict').filter({ hasText: 'Вектор' })
    await line.getByText('Менять ответственного за эту компанию может только руководитель').waitFor()
    assert.match(await line.innerText(), /В CRM\s+Петров Андрей\s+Здесь\s+Иванов Сергей/)
    await examine(admin, 'sync-conflicts')
    assert.equal((await card()).verdict.color, 'red')
    await line.getByRole('button', { name: 'Принять значение CRM: Вектор' }).click()
    await page.getByText('Конфликтов нет.').waitFor()
    await until(async () => (await card()).verdict.relation === 'own')
    assert.equal((await portal.seen()).writes, 0, 'nothing was changed in the CRM')
  })

  it('its call card has ours in it: each viewer his own colour, which follows a change', async () => {
    const { call } = await portal.order('ring', { number, incoming: true })
    await portal.order('answer', { call, user: ivanov })
    const look = async (user) => {
      const person = await atPortal({ width: 900, height: 700 })
      await person.page.goto(
        `${portal.address}/crm/call?user=${user}&call=${encodeURIComponent(call)}&number=${encodeURIComponent(number)}`,
      )
      return person
    }
    const [foreign, own] = [await look(ivanov), await look(petrov)]
    const cardOf = ({ page }, color) =>
      page.frameLocator('iframe').locator(`call-card section.card.${color}`).filter({ hasText: 'Вектор' })
    await cardOf(foreign, 'red').waitFor()
    await cardOf(own, 'none').waitFor()
    await foreign.picture('sync-card-foreign')
    await own.picture('sync-card-own')
    const frame = foreign.page.frameLocator('iframe')
    await frame.getByText('Открыть клиента в Callhue').waitFor()
    await frame.getByRole('button', { name: 'Передать ответственному' }).click()
    await frame
      .locator('#said')
      .filter({ hasText: 'Переведите звонок на телефоне: Петров Андрей, внутренний 102.' })
      .waitFor()
    await frame.getByRole('button', { name: 'Попросить разрешение' }).click()
    await frame.locator('#said').filter({ hasText: 'Руководителю отправлена просьба.' }).waitFor()
    const [ask] = (await api.get('/asks?state=open')).items.filter(({ company }) => company.id === client.id)
    assert.deepEqual([ask.kind, ask.agent.name], ['permit', 'Иванов Сергей'])
    await foreign.picture('sync-card-asked')
    const { version } = await api.get(`/companies/${client.id}`)
    await api.put(`/companies/${client.id}/status`, { status: 'WAITING', reason: 'e2e', version })
    await cardOf(foreign, 'none').waitFor({ timeout: 30_000 })
    await foreign.picture('sync-card-waiting')
    await portal.order('hangup', { call, number, user: ivanov, seconds: 5 })
    assert.deepEqual([...foreign.faults, ...own.faults], [])
    for (const person of [foreign, own]) await person.close()
  })

  it('that takes its consent back says so, and what to do', async () => {
    const {
      admin,
      admin: { page },
    } = people
    await portal.order('revoke')
    await portal.order('expire')
    await visit(admin, at())
    await page.getByRole('button', { name: 'Повторить импорт' }).click()
    await state(page, 'Не установлено')
    await page.getByText('откройте в нём приложение от имени администратора').waitFor()
    await examine(admin, 'sync-revoked')
  })

  it('in English, and within 360 px', async () => {
    const admin = await enter(browser, server, 'admin', { lang: 'en-US', width: 360, height: 740 })
    const { page } = admin
    await page.getByRole('button', { name: /Menu|Меню/ }).click()
    await page.getByRole('button', { name: 'English' }).click()
    for (const tab of ['', 'mapping', 'conflicts', 'connection']) {
      await visit(admin, at(tab))
      const labels = await page
        .locator('main h1, main h2, main th, main label, main dt, main [role=tab], main [type=submit]')
        .allInnerTexts()
      assert.deepEqual(
        labels.filter((text) => /[а-яё]/i.test(text)),
        [],
        `Russian on ${tab}`,
      )
      await examine(admin, `sync-narrow-en-${tab || 'state'}`)
    }
    assert.deepEqual(admin.faults, [])
    await admin.close()
  })

  it('is changed and taken away on its page', async () => {
    const {
      admin,
      admin: { page },
    } = people
    await visit(admin, at('connection'))
    await page.getByRole('button', { name: 'Проверить подключение' }).click()
    await page.locator('.refused').getByText('CRM отозвала доступ').waitFor()
    admin.forgive(409)
    const works = page.getByLabel('Источник включён')
    await works.uncheck({ force: true })
    await page.getByRole('button', { name: 'Сохранить' }).click()
    await page.getByText('Сохранено').first().waitFor()
    assert.equal((await api.get(`/sources/${source.id}`)).active, false)
    await page.getByRole('button', { name: 'Удалить источник' }).click()
    await examine(admin, 'sync-remove')
    await page.getByRole('button', { name: 'Да, удалить' }).click()
    await page.waitForURL((url) => url.pathname === '/sources')
    assert.ok(!(await api.get('/sources')).items.some(({ name }) => name === 'portal'))
  })

  it('came without a script error, an unasked line on the error console or a request to another host', () => {
    assert.deepEqual(
      Object.values(people).flatMap(({ faults }) => faults),
      [],
    )
  })
})

/** Asks until it is so; gives up after 20 s. */
async function until(ask) {
  for (
    const deadline = Date.now() + 30_000;
    Date.now() < deadline;
    await new Promise((resolve) => setTimeout(resolve, 200))
  ) {
    if (await ask()) return
  }
  assert.fail('waited in vain for it')
}
