// A connected account of amoCRM: let in by a button and the account's own page, who is who, everything brought in, what
// changes there told here, and our calls shown there. A real browser against the real binary and a played account.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { open } from './lib/browser.mjs'
import { seen } from './lib/card.mjs'
import { play } from './lib/crm.mjs'
import { generic } from './lib/pbx.mjs'
import { adminsAPI, enter } from './lib/people.mjs'
import { examine, settled, visit } from './lib/screen.mjs'
import { start } from './lib/server.mjs'

// The account's users 301 and 302 are Ivanov and Petrov here, its administrator is ours. Its field with the status of a company, and an entry of that.
const [boss, ivanov, petrov] = [300, 301, 302]
const [state, inWork] = [9200, 77001]
const number = '+74950008802' // in no record of the demo

const settings = ({ address, client_id, client_secret }) => ({
  'Адрес аккаунта': address,
  'ID интеграции': client_id,
  'Секретный ключ': client_secret,
})

describe('a connected account of amoCRM', { concurrency: false }, () => {
  let server, browser, api, account, source, admin, page

  before(async () => {
    server = await start({ flags: ['--allow-private-hooks'] })
    account = await play('amocrm', '--rate', '100', '--redirect', `${server.url}/amocrm/return`)
    browser = await open()
    api = await adminsAPI(server)
    admin = await enter(browser, server, 'admin', { also: [account.address] })
    page = admin.page
  })

  after(async () => {
    await browser?.close()
    await account?.stop()
    await server?.stop()
  })

  const at = (tab = '') => `/sources/${source.id}${tab && `?tab=${tab}`}`
  const panel = () => page.locator('.panel').filter({ has: page.getByRole('heading', { name: 'Доступ к аккаунту' }) })

  /** Presses the button, and gives the answer on the account's page. */
  const consent = async (answer, choice) => {
    await panel()
      .getByRole('button', { name: /^Подключить/ })
      .click()
    await page.waitForURL((url) => url.pathname === '/oauth')
    if (choice) await page.getByLabel('Account').selectOption(choice)
    await page.getByRole('button', { name: answer }).click()
  }

  /** Waits until we are led back to the source's page. */
  const led = async () => {
    await page.waitForURL((url) => url.pathname === `/sources/${source.id}`, { timeout: 30_000 })
    assert.equal(new URL(page.url()).search, '?tab=connection', 'neither code nor state stays in the address')
    await settled(page)
  }

  it('is added with the id of its integration; the address to write into that stands there', async () => {
    await visit(admin, '/sources')
    await page.getByRole('button', { name: 'Новый источник' }).click()
    await page.getByLabel('АТС или CRM').selectOption('amocrm-sync')
    await page.getByRole('textbox', { name: 'Название' }).fill('amo')
    for (const [label, value] of Object.entries(settings(account)))
      await page.getByRole('textbox', { name: label }).fill(value)
    await page.getByText(`${server.url}/amocrm/return`).waitFor()
    await examine(admin, 'amocrm-new')
    await page.getByRole('button', { name: 'Подключить' }).click()
    await page.getByRole('link', { name: 'Открыть источник' }).click()
    await settled(page)
    source = (await api.get('/sources')).items.find(({ name }) => name === 'amo')
    await page.locator('.syncmark').filter({ hasText: 'Не установлено' }).waitFor({ timeout: 30_000 })
    await page.getByRole('tab', { name: 'Подключение' }).click()
    await panel().getByText(`${server.url}/amocrm/return`).waitFor()
    await examine(admin, 'amocrm-outside')
  })

  it('that does not let us in says why: denied, another account, a code that is too old, a way that was used up', async () => {
    const refused = (words) => panel().locator('.refused').filter({ hasText: words }).waitFor({ timeout: 30_000 })
    await consent('Deny')
    await led()
    await refused('согласия там не дали')
    await examine(admin, 'amocrm-denied')
    await consent('Allow', 'other.amocrm.ru')
    await led()
    await refused('другой аккаунт: other.amocrm.ru')
    await panel().getByRole('button', { name: 'Подключить' }).click()
    await page.waitForURL((url) => url.pathname === '/oauth')
    const way = new URL(page.url()).searchParams.get('state')
    const { code } = await account.order('code')
    await account.order('late')
    const back = `/amocrm/return?${new URLSearchParams({ state: way, code, referer: new URL(account.address).host })}`
    await page.goto(server.url + back)
    await led()
    await refused('Аккаунт не принимает код')
    await examine(admin, 'amocrm-late')
    await page.goto(server.url + back)
    await page.locator('.refused').filter({ hasText: 'этим уже воспользовались' }).waitFor({ timeout: 30_000 })
    assert.equal(new URL(page.url()).search, '')
    await examine(admin, 'amocrm-foreign')
    admin.forgive(409)
    admin.forgive(403)
    await page.getByRole('link', { name: 'К источникам' }).click()
    await page.waitForURL((url) => url.pathname === '/sources')
    assert.equal(
      (await account.seen()).requests.filter(({ Path, Status }) => Path.startsWith('/api/') && Status === 200).length,
      0,
      'it was let in all the same',
    )
  })

  it('lets us in by a button, and is told to send its changes here', async () => {
    await visit(admin, at('connection'))
    await consent('Allow')
    await led()
    await panel()
      .getByText(/даёт доступ от имени Admin/)
      .waitFor({ timeout: 30_000 })
    await panel().getByText('Подписка на изменения в аккаунте оформлена.').waitFor()
    await examine(admin, 'amocrm-given')
    await panel().getByRole('button', { name: 'Открыть сопоставление' }).click()
    await page.getByLabel('Поле со статусом').waitFor({ timeout: 30_000 })
  })

  it('who is who: the statuses and the employees of the account, chosen by hand; saving brings everything in', async () => {
    await page.getByLabel('Поле со статусом').selectOption({ label: 'State' })
    for (const [theirs, ours] of [
      ['In work', 'IN_WORK'],
      ['Waiting', 'WAITING'],
    ])
      await page.getByLabel(`Наш статус для «${theirs}»`).selectOption(ours)
    for (const [theirs, ours] of [
      ['Admin', 'Администратор'],
      ['User 1', 'Иванов Сергей'],
      ['User 2', 'Петров Андрей'],
    ])
      await page.getByLabel(`Наш сотрудник для: ${theirs}`).selectOption({ label: ours })
    await examine(admin, 'amocrm-mapping')
    await page.getByRole('button', { name: 'Сохранить' }).click()
    await page.getByText('Сохранено').first().waitFor()
    await page.getByRole('tab', { name: 'Состояние' }).click()
    await page.locator('.syncmark').filter({ hasText: 'Синхронизировано' }).waitFor({ timeout: 60_000 })
    assert.match(await page.locator('main tbody tr').filter({ hasText: 'Компании' }).innerText(), /10/)
    await examine(admin, 'amocrm-following')
  })

  it('follows its webhooks: a new company there is a red card here, and who may not take it there does not get it here', async () => {
    const { id } = await account.order('add', {
      kind: 'companies',
      by: boss,
      name: 'Вектор',
      owner: ivanov,
      field: state,
      entry: inWork,
      phone: number,
    })
    const card = async () => api.post('/check', { number, agent: 'petrov' })
    await until(async () => (await card()).verdict.color === 'red')
    const { subject } = await card()
    assert.deepEqual([subject.name, subject.owner.name], ['Вектор', 'Иванов Сергей'])
    await account.order('change', { kind: 'companies', id, by: petrov, owner: petrov })
    await visit(admin, at())
    await page.getByRole('tab', { name: /Конфликты\s*1/ }).click({ timeout: 30_000 })
    const line = page.locator('.conflict').filter({ hasText: 'Вектор' })
    await line.getByText('Менять ответственного за эту компанию может только руководитель').waitFor()
    await examine(admin, 'amocrm-conflicts')
    assert.equal((await card()).verdict.color, 'red')
    const { deliveries, writes } = await account.seen()
    assert.deepEqual(
      deliveries.map(({ To, Status }) => [new URL(To).pathname.startsWith('/hooks/amo/'), Status]),
      deliveries.map(() => [true, 200]),
    )
    assert.equal(writes, 0, 'nothing was changed in the account')
    await page.getByRole('tab', { name: 'Подключение' }).click()
    await page
      .locator('.logline.understood')
      .filter({ hasText: `companies ${id} update` })
      .first()
      .waitFor({ timeout: 30_000 })
    await examine(admin, 'amocrm-log')
  })

  it('lets an administrator decide many conflicts at once: the chosen ones, and all that are shown', async () => {
    const poached = [1001, 1004, 1010] // in work, and of others
    for (const id of poached) await account.order('change', { kind: 'companies', id, by: petrov, owner: petrov })
    const open = async () => (await api.get(`/sources/${source.id}/sync/conflicts`)).items
    await until(async () => (await open()).length === 4)
    await visit(admin, at('conflicts'))
    const lines = page.locator('.conflict')
    await lines.nth(3).waitFor()
    await page.getByRole('checkbox', { name: 'Выбрать: Ответственный, Вектор' }).check()
    await page.getByRole('checkbox', { name: 'Выбрать: Ответственный, Acme 1', exact: true }).check()
    await examine(admin, 'amocrm-many-chosen')
    await page.getByRole('button', { name: 'Оставить наше у выбранных: 2' }).click()
    await page.getByText('Записи здесь останутся как есть').waitFor()
    await examine(admin, 'amocrm-many-sure')
    await page.getByRole('button', { name: 'Да, продолжить' }).click()
    await page.getByText('Оставлено наших: 2.').waitFor()
    await until(async () => (await lines.count()) === 2)
    const [left] = await open()
    await api.post(`/sources/${source.id}/sync/conflicts/${left.id}/dismiss`, {}) // a colleague is faster
    await page.getByRole('button', { name: 'Принять значения CRM у всех показанных: 2' }).click()
    await page.getByRole('button', { name: 'Да, продолжить' }).click()
    await page.getByText('Сделано: 1. Не сделано: 1, причина указана у каждого.').waitFor()
    await page.getByText('Конфликтов нет.').waitFor({ timeout: 30_000 })
    const owners = async (name) =>
      (await api.get(`/companies?q=${encodeURIComponent(name)}`)).items
        .filter((one) => one.name === name)
        .map(({ owner }) => owner.name)
    assert.deepEqual(await owners('Acme 1'), ['Иванов Сергей'], 'ours was kept')
    assert.equal(
      [...(await owners('Acme 4')), ...(await owners('Acme 10'))].filter((name) => name === 'Петров Андрей').length,
      1,
      'theirs was taken once',
    )
    await visit(admin, at('connection'))
  })

  it('shows our calls there: a popup for whom it rings, and the call in the history of the client', async () => {
    await page.getByLabel('Показывать в CRM звонки других источников').check({ force: true })
    await page.getByRole('button', { name: 'Сохранить' }).click()
    await page.getByText('Сохранено').first().waitFor()
    const { secret } = await api.post('/sources', { name: 'office', dialect: 'generic' })
    const pbx = generic(server.url, 'office', secret)
    const agent = await enter(browser, server, 'petrov')
    const call = { call_id: 'e2e-1', direction: 'in', number, agent: '102' }
    assert.equal((await pbx.say({ ...call, event: 'ringing' })).status, 200)
    await seen(agent.page, 'Вектор', { color: 'red', state: 'ringing' }, 30_000)
    await until(async () => (await account.seen()).popups?.length > 0)
    assert.deepEqual((await account.seen()).popups, [
      { type: 'phone_call', phone_number: number.slice(1), users: [String(petrov)] },
    ])
    await pbx.say({ ...call, event: 'answered' })
    await pbx.say({ ...call, event: 'ended', result: 'answered' })
    await until(async () => (await account.seen()).calls?.length > 0)
    const [{ direction, phone, call_status, call_responsible }] = (await account.seen()).calls
    assert.deepEqual([direction, phone, call_status, call_responsible], ['inbound', number, 4, petrov])
    assert.equal((await account.seen()).writes, 0)
    assert.deepEqual(agent.faults, [])
    await agent.close()
  })

  it('that takes its consent back says so, and lets us in again by the same button', async () => {
    await account.order('revoke')
    await visit(admin, at())
    await page.getByRole('button', { name: 'Повторить импорт' }).click()
    await page.locator('.syncmark').filter({ hasText: 'Не установлено' }).waitFor({ timeout: 60_000 })
    await page.getByText('нажмите «Подключить» на вкладке «Подключение»').waitFor()
    await examine(admin, 'amocrm-revoked')
    await page.getByRole('tab', { name: 'Подключение' }).click()
    await consent('Allow')
    await led()
    await panel()
      .getByText(/даёт доступ от имени Admin/)
      .waitFor({ timeout: 30_000 })
    await page.getByRole('tab', { name: 'Состояние' }).click()
    await page.locator('.syncmark').filter({ hasText: 'Синхронизировано' }).waitFor({ timeout: 60_000 })
  })

  it('in English, and within 360 px', async () => {
    const narrow = await enter(browser, server, 'admin', { lang: 'en-US', width: 360, height: 740 })
    await narrow.page.getByRole('button', { name: /Menu|Меню/ }).click()
    await narrow.page.getByRole('button', { name: 'English' }).click()
    for (const id of [1001, 1004])
      await account.order('change', { kind: 'companies', id, by: petrov, owner: petrov + 1 })
    await until(async () => (await api.get(`/sources/${source.id}/sync/conflicts`)).items.length > 1)
    for (const tab of ['', 'conflicts', 'connection']) {
      await visit(narrow, at(tab))
      const labels = await narrow.page
        .locator('main h1, main h2, main th, main label, main dt, main [role=tab], main button')
        .allInnerTexts()
      assert.deepEqual(
        labels.filter((text) => /[а-яё]/i.test(text)),
        [],
        `Russian on ${tab}`,
      )
      await examine(narrow, `amocrm-narrow-en-${tab || 'state'}`)
    }
    assert.deepEqual(narrow.faults, [])
    await narrow.close()
  })

  it('came without a script error, an unasked line on the error console or a request to another host', () => {
    assert.deepEqual(admin.faults, [])
  })
})

/** Asks until it is so; gives up after 60 s. */
async function until(ask) {
  for (
    const deadline = Date.now() + 60_000;
    Date.now() < deadline;
    await new Promise((resolve) => setTimeout(resolve, 200))
  ) {
    if (await ask()) return
  }
  assert.fail('waited in vain for it')
}
