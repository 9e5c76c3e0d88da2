// The customer's own CRM, asked and not copied: the recipes walked literally with real servers, what happens when the
// system is out of order, and the page of such a source. A real browser against the real binary.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, afterEach, before, describe, it } from 'node:test'
import { open } from './lib/browser.mjs'
import { database } from './lib/database.mjs'
import { adminsAPI, signIn } from './lib/people.mjs'
import { blocksOf, workshop } from './lib/recipe.mjs'
import { examine, visit } from './lib/screen.mjs'
import { start } from './lib/server.mjs'

const number = '+74950000011'

/** A server without demo data whose users are Ivanov and Petrov, as in the recipes. */
async function office() {
  const server = await start({ demo: false, flags: ['--allow-private-hooks'] })
  for (const [login, name, extension] of [
    ['ivanov', 'Иванов', '101'],
    ['petrov', 'Петров', '102'],
  ])
    await server.callhue('user', 'add', '--login', login, '--name', name, '--roles', 'agent', '--extension', extension)
  return { server, api: await adminsAPI(server) }
}

const check = (api, agent) => api.post('/check', { number, agent })

/** Asks until a card has a colour: changes of a source take a moment. */
async function becomes(api, agent, color) {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; ) {
    const card = await check(api, agent)
    if (card.verdict.color === color) return card
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  assert.fail(`the card of ${agent} does not become ${color}`)
}

describe('the recipes for a CRM of one’s own', { concurrency: false }, () => {
  const toStop = []
  afterEach(async () => {
    for (const stop of toStop.splice(0).reverse()) await stop()
  })

  const walk = async (recipe, instead, each) => {
    const { server, api } = await office()
    toStop.push(server.stop)
    const shop = await workshop(server.db, instead)
    toStop.push(shop.remove)
    let printed = ''
    for (const block of await blocksOf(recipe)) {
      if (block.language === 'sh') printed += await shop.sh(block.body)
      else if (block.name.includes('.')) await shop.write(block.name, block.body)
      else await each(block)
    }
    return { server, api, printed }
  }

  for (const [recipe, kind, host] of [
    ['own-crm-mysql', 'mariadb', 'db.example:3306'],
    ['own-crm-postgresql', 'postgres', 'db.example:5432'],
  ])
    it(`${recipe}: a user, a query, a try, a call`, { timeout: 120_000 }, async () => {
      const theirs = await database(kind)
      toStop.push(theirs.stop)
      const blocks = await blocksOf(recipe)
      // The customer has his tables already when he begins.
      for (const { name, body } of blocks) if (name === 'example') await theirs.sql(body)
      const { server, api, printed } = await walk(recipe, { [host]: theirs.host }, async ({ language, name, body }) => {
        if (language === 'sql' && name === '') await theirs.sql(body)
      })
      assert.match(printed, /Вектор/, 'the try shows the row')
      assert.match(printed, /protected/, 'and that the company is protected')
      assert.match(printed, /red/i, 'and the card')

      const foreign = await becomes(api, 'petrov', 'red')
      const company = foreign.subject.company ?? foreign.subject
      assert.equal(company.external_id, '310')
      assert.equal(company.name, 'ООО «Вектор»')
      assert.equal(company.owner.name, 'Иванов')
      assert.equal(foreign.subject.url, 'https://crm.example/clients/310')
      assert.notEqual((await check(api, 'ivanov')).verdict.color, 'red')

      const source = (await api.get('/sources')).items.find(({ name }) => name === 'crm')
      assert.equal(source.settings.password, '••••••')
      await theirs.stop()
      // What was answered is fresh for a while; a change that is reported has it asked for again.
      const hook = new URL(/(http:\/\/\S+\/hooks\/crm\/\S+)/.exec(printed)[1])
      await fetch(server.url + hook.pathname, { method: 'POST' })
      await becomes(api, 'petrov', 'grey')
    })

  it('own-crm-http: an endpoint, a try, a change that is reported, an outage', { timeout: 120_000 }, async () => {
    const answers = (await blocksOf('own-crm-http')).find(({ name }) => name === 'answer').body
    const crm = { body: answers, status: 200, asked: [] }
    const endpoint = createServer((request, response) => {
      crm.asked.push({ url: request.url, authorization: request.headers.authorization })
      response.writeHead(crm.status, { 'Content-Type': 'application/json' }).end(crm.body)
    })
    await new Promise((resolve) => endpoint.listen(0, '127.0.0.1', resolve))
    toStop.push(() => new Promise((resolve) => endpoint.close(resolve)))
    const address = `http://127.0.0.1:${endpoint.address().port}`
    const { server, api, printed } = await walk(
      'own-crm-http',
      { 'https://crm.example/api': `${address}/api` },
      () => {},
    )
    assert.match(printed, /Вектор[\s\S]*protected/)
    assert.deepEqual(crm.asked[0], { url: '/api/clients?phone=%2B74950000011', authorization: 'Bearer TOKEN' })
    const hook = /(http:\/\/\S+\/hooks\/crm\/\S+)/.exec(printed)[1]

    assert.equal((await becomes(api, 'petrov', 'red')).subject.url, 'https://crm.example/clients/310')
    crm.body = answers.replace('ivanov', 'petrov')
    assert.equal((await check(api, 'petrov')).verdict.color, 'red', 'the answer is fresh for 30 seconds')
    const reported = await fetch(server.url + new URL(hook).pathname, { method: 'POST' })
    assert.equal(reported.status, 200)
    assert.equal((await check(api, 'petrov')).verdict.why, 'own', 'a change that is reported is seen at once')

    crm.status = 500
    await fetch(server.url + new URL(hook).pathname, { method: 'POST' })
    assert.equal((await check(api, 'petrov')).verdict.color, 'grey', 'a failure is no unknown number')
    for (let n = 0; n < 6; n++) await check(api, 'petrov')
    const asked = crm.asked.length
    await check(api, 'petrov')
    assert.equal(crm.asked.length, asked, 'a system that fails again and again is left alone')
    crm.status = 200
    await becomes(api, 'petrov', 'none')
  })
})

describe('the page of a source that is asked', { concurrency: false }, () => {
  let server, api, browser, admin, theirs

  before(async () => {
    theirs = await database('mariadb')
    for (const { name, body } of await blocksOf('own-crm-mysql')) if (name === 'example') await theirs.sql(body)
    await theirs.sql("CREATE USER callhue IDENTIFIED BY 'PASSWORD'; GRANT SELECT ON crm.* TO callhue")
    ;({ server, api } = await office())
    browser = await open()
    const { link } = await server.callhue('user', 'link', 'admin', '--public-url', server.url)
    admin = await signIn(browser, link)
  })

  after(async () => {
    await browser?.close()
    await server?.stop()
    await theirs?.stop()
  })

  it('is filled in, refuses a query that could write, and is tried', { timeout: 120_000 }, async () => {
    const { page } = admin
    await visit(admin, '/sources')
    await page.getByRole('button', { name: 'Новый источник' }).click()
    await page.getByLabel('АТС или CRM').selectOption('sql')
    await page.getByLabel('Название', { exact: false }).first().fill('crm')
    await page.getByLabel('База данных').selectOption('mysql')
    await page.getByLabel('Сервер').fill(theirs.host)
    await page.getByLabel('Имя базы').fill('crm')
    await page.getByLabel('Пользователь базы').fill('callhue')
    await page.getByLabel('Пароль').fill('PASSWORD')
    await page.getByLabel('Запрос').fill('DELETE FROM clients WHERE phone = :number')
    await page.getByRole('button', { name: 'Подключить' }).click()
    await page.getByText('Запрос должен начинаться с SELECT или WITH.').first().waitFor({ timeout: 30_000 })
    await page.getByLabel('Запрос').fill('')
    await page.getByRole('button', { name: 'Вставить пример' }).click()
    assert.match(await page.getByLabel('Запрос').inputValue(), /^SELECT c\.id,/)
    await page.getByLabel('Соответствие статусов').fill('В работе = IN_WORK')
    await examine(admin, 'own-crm-new')
    await page.getByRole('button', { name: 'Подключить' }).click()
    await page.getByRole('link', { name: 'Открыть источник' }).click()
    const box = page.locator('.panel').filter({ has: page.getByRole('heading', { name: 'Проверить номер' }) })
    await box.getByLabel('Номер').fill(number)
    await box.getByLabel('Сотрудник').fill('petrov')
    await box.getByRole('button', { name: 'Спросить' }).click()
    await box.getByText('ООО «Вектор»').first().waitFor({ timeout: 30_000 })
    await box.getByText('защищена').waitFor()
    await box.getByText('Что отправлено и что пришло').click()
    await box.getByRole('cell', { name: 'В работе' }).waitFor()
    await examine(admin, 'own-crm-source')
    assert.equal((await check(api, 'petrov')).verdict.color, 'red')
  })
})
