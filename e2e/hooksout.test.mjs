// Those who are told what happens: subscribed on the screen, tested, and told again. A real browser, the real binary and a
// receiver that checks signatures.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, describe, it } from 'node:test'
import { open } from './lib/browser.mjs'
import { signature } from './lib/pbx.mjs'
import { adminsAPI, enter } from './lib/people.mjs'
import { examine, settled, visit } from './lib/screen.mjs'
import { start } from './lib/server.mjs'

describe('outgoing webhooks', { concurrency: false }, () => {
  let server, browser, api, admin, receiver, acme
  const told = []
  let answers = 200

  before(async () => {
    server = await start({ flags: ['--allow-private-hooks'] })
    browser = await open()
    api = await adminsAPI(server)
    admin = await enter(browser, server, 'admin')
    acme = (await api.get('/companies?q=Acme')).items[0]
    receiver = createServer(async (request, response) => {
      let body = ''
      for await (const part of request.setEncoding('utf8')) body += part
      told.push({ body, signature: request.headers['x-callhue-signature'] })
      response.writeHead(answers).end('noted')
    })
    await new Promise((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  })

  after(async () => {
    await browser?.close()
    await new Promise((resolve) => receiver.close(resolve))
    await server?.stop()
  })

  it('are subscribed with a secret that is shown once, and refused at the field', async () => {
    const { page } = admin
    await visit(admin, '/')
    await page.getByRole('link', { name: 'Вебхуки' }).click()
    await settled(page)
    await page.getByRole('button', { name: 'Новая подписка' }).click()
    await page.getByRole('textbox', { name: 'Название' }).fill('crm')
    await page.getByRole('textbox', { name: 'Адрес' }).fill(`http://127.0.0.1:${receiver.address().port}/hook`)
    const verbs = page
      .getByRole('combobox', { name: 'События' })
      .or(page.getByRole('textbox', { name: 'События' }))
      .first()
    await verbs.fill('company.*')
    await page.keyboard.press('Enter')
    await verbs.fill('nothing.such')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Подписать' }).click()
    await page.locator('form .mantine-TagsInput-error').waitFor()
    admin.forgive(422)
    await verbs.focus()
    await page.keyboard.press('Backspace')
    await page.keyboard.press('Escape')
    await examine(admin, 'hooks-new')
    await page.getByRole('button', { name: 'Подписать' }).click()
    const secret = await page.locator('.secret').innerText()
    await examine(admin, 'hooks-made')
    await page.getByRole('button', { name: 'Секрет скопирован' }).click()
    await page.getByRole('link', { name: 'crm', exact: true }).click()
    await page.getByRole('button', { name: 'Отправить проверку' }).click()
    await page
      .locator('[role=status]')
      .getByText(/доставлена.*ответ 200/s)
      .waitFor()
    const [{ body, signature: signed }] = told
    assert.equal(signed, signature(secret, body, Number(/t=(\d+)/.exec(signed)[1])))
    await examine(admin, 'hook')
  })

  it('tell of a change, and tell of it again', async () => {
    const { page } = admin
    told.splice(0)
    await api.put(`/companies/${acme.id}/status`, { status: 'WAITING', reason: 'e2e', version: acme.version })
    for (const deadline = Date.now() + 30_000; told.length === 0 && Date.now() < deadline; )
      await new Promise((resolve) => setTimeout(resolve, 100))
    assert.equal(JSON.parse(told[0].body).client.id, acme.id)
    await page.reload()
    const row = page.locator('main tbody tr').filter({ hasText: 'company.status' })
    await row.getByText('доставлена').waitFor()
    await row.getByRole('button', { name: /^Отправить ещё раз/ }).click()
    for (const deadline = Date.now() + 30_000; told.length < 2 && Date.now() < deadline; )
      await new Promise((resolve) => setTimeout(resolve, 100))
    assert.equal(JSON.parse(told[1].body).id, JSON.parse(told[0].body).id)
  })

  it('that are gone are switched off and say why', async () => {
    const { page } = admin
    answers = 410
    const { version } = await api.get(`/companies/${acme.id}`)
    await api.put(`/companies/${acme.id}/status`, { status: 'IN_WORK', reason: 'e2e', version })
    for (
      const deadline = Date.now() + 30_000;
      Date.now() < deadline;
      await new Promise((resolve) => setTimeout(resolve, 100))
    ) {
      if (!(await api.get('/hooks-out')).items[0].active) break
    }
    await visit(admin, '/hooks-out')
    await page.getByText('выключена: получатель ответил 410 Gone').waitFor()
    await examine(admin, 'hooks')
  })

  it('in English within 360 px; and are ended', async () => {
    const narrow = await enter(browser, server, 'admin', { lang: 'en-US', width: 360, height: 740 })
    const { page } = narrow
    await page.getByRole('button', { name: /Menu|Меню/ }).click()
    await page.getByRole('button', { name: 'English' }).click()
    for (const path of ['/hooks-out', '/hooks-out/1']) {
      await visit(narrow, path)
      const labels = await page.locator('main h1, main h2, main th, main label, main button').allInnerTexts()
      assert.deepEqual(
        labels.filter((text) => /[а-яё]/i.test(text)),
        [],
        `Russian on ${path}`,
      )
      await examine(narrow, `hooks-narrow${path.replaceAll('/', '-')}`)
    }
    await page.getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('button', { name: 'Yes, remove' }).click()
    await page.getByText('There are no subscriptions yet.').waitFor()
    assert.deepEqual(narrow.faults, [])
    await narrow.close()
  })

  it('came without a script error, an unasked line on the error console or a request to another host', () => {
    assert.deepEqual(admin.faults, [])
  })
})
