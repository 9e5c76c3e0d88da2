// Import in the browser: a file with an unknown owner and a bad row, from the upload to the undo.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { open } from './lib/browser.mjs'
import { adminsAPI, enter } from './lib/people.mjs'
import { examine, visit } from './lib/screen.mjs'
import { start } from './lib/server.mjs'

const file = `Отчёт по клиентам;;;
Название;Телефон;Ответственный;Комментарий
Импорт Первый;8 (495) 000-00-81, 000-00-82;petrov;из выставки
Импорт Второй;+7 495 000-00-83;Прежний Сотрудник;
;8 495 000-00-84;petrov;без названия
`

describe('imports', { concurrency: false }, () => {
  let server, browser, api, admin

  before(async () => {
    server = await start()
    browser = await open()
    api = await adminsAPI(server)
    admin = await enter(browser, server, 'admin')
  })

  after(async () => {
    await browser?.close()
    await server?.stop()
  })

  const found = async (q) => (await api.get(`/companies?q=${encodeURIComponent(q)}`)).items

  it('a file is uploaded, its columns and owners are shown', async () => {
    const { page } = admin
    await visit(admin, '/imports')
    await page.locator('input[type=file]').setInputFiles({
      name: 'клиенты.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(file),
    })
    await page.getByRole('heading', { name: 'клиенты.csv' }).waitFor()
    const phone = page.getByRole('combobox', { name: 'Что в столбце «Телефон»' })
    assert.equal(await phone.inputValue(), 'phone')
    await page.getByText('Прежний Сотрудник').first().waitFor()
    await examine(admin, 'import-columns')
  })

  it('the dry run counts and writes nothing', async () => {
    const { page } = admin
    await page.getByRole('button', { name: 'Пробный запуск' }).click()
    const run = page.getByRole('button', { name: 'Импортировать строки: 3' })
    await run.waitFor({ timeout: 30_000 })
    assert.equal((await found('Импорт Первый')).length, 0)
    await examine(admin, 'import-dry-run')
    await run.click()
    await page.getByRole('button', { name: 'Отменить импорт' }).waitFor({ timeout: 30_000 }) // it has ended
  })

  it('the rows are there, the refused one with all its cells', async () => {
    const [first] = await found('Импорт Первый')
    assert.deepEqual(
      first.phones.map((p) => p.value),
      ['8 (495) 000-00-81', '000-00-82'],
    )
    assert.equal((await found('Импорт Второй')).length, 1)
    const report = await admin.page.getByRole('link', { name: 'Скачать отклонённые строки' }).getAttribute('href')
    const refused = await admin.page.evaluate(async (path) => (await fetch(path)).text(), report)
    assert.match(refused, /8 495 000-00-84/)
    assert.match(refused, /без названия/)
    await examine(admin, 'import-done')
  })

  it('the whole import is undone', async () => {
    const { page } = admin
    await page.getByRole('button', { name: 'Отменить импорт' }).click()
    await page.getByRole('button', { name: 'Да, отменить' }).click()
    await page.getByText('Импорт отменён: возвращено записей 2, оставлено 0.').waitFor({ timeout: 30_000 })
    assert.equal((await found('Импорт Первый')).length, 0)
    await visit(admin, '/imports')
    await page.getByRole('link', { name: 'клиенты.csv' }).waitFor()
  })
})
