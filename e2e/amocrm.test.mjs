// A connected account of amoCRM: let in by a button and the account's own page, who is who, everything brought in, what
// changes there told here, and our calls shown there. A real browser against the real binary and a played account.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { open } from './lib/browser.mjs'
import { play } from './lib/crm.mjs'
import { adminsAPI, enter } from './lib/people.mjs'
import { examine, settled, visit } from './lib/screen.mjs'
import { start } from './lib/server.mjs'

const settings = ({ address, client_id, client_secret }) => ({ 'Адрес аккаунта': address, 'Код приложения': client_id, 'Секретный ключ': client_secret })

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
  const panel = () => page.locator('.panel').filter({ has: page.getByRole('heading', { name: 'Согласие аккаунта' }) })

  /** Presses the button, and gives the answer on the account's page. */
  const consent = async (answer, choice) => {
    await panel().getByRole('button', { name: /^Подключить/ }).click()
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
    await page.getByLabel('Диалект').selectOption('amocrm-sync')
    await page.getByRole('textbox', { name: 'Название' }).fill('amo')
    for (const [label, value] of Object.entries(settings(account))) await page.getByRole('textbox', { name: label }).fill(value)
    await page.getByText(`${server.url}/amocrm/return`).waitFor()
    await examine(admin, 'amocrm-new')
    await page.getByRole('button', { name: 'Подключить' }).click()
    await page.getByRole('link', { name: 'К источнику' }).click()
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
    const state = new URL(page.url()).searchParams.get('state')
    const { code } = await account.order('code')
    await account.order('late')
    const back = `/amocrm/return?${new URLSearchParams({ state, code, referer: new URL(account.address).host })}`
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
    assert.equal((await account.seen()).requests.filter(({ Path, Status }) => Path.startsWith('/api/') && Status === 200).length, 0, 'it was let in all the same')
  })

  it('lets us in by a button, and is told to send its changes here', async () => {
    await visit(admin, at('connection'))
    await consent('Allow')
    await led()
    await panel().getByText(/впускает нас, от имени Admin/).waitFor({ timeout: 30_000 })
    await panel().getByText('Теперь аккаунт присылает сюда изменения.').waitFor()
    await examine(admin, 'amocrm-given')
    await panel().getByRole('button', { name: 'К «Кто есть кто»' }).click()
    await page.getByLabel('Поле со статусом').waitFor({ timeout: 30_000 })
  })

  it('came without a script error, an unasked line on the error console or a request to another host', () => {
    assert.deepEqual(admin.faults, [])
  })
})
