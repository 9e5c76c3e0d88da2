// The search box on every page: by keyboard alone, in Russian and English; a real browser against the real binary.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { open } from './lib/browser.mjs'
import { adminsAPI, enter } from './lib/people.mjs'
import { examine, settled, visit } from './lib/screen.mjs'
import { start } from './lib/server.mjs'

describe('search', { concurrency: false }, () => {
  let server, browser, api, petrov

  before(async () => {
    server = await start()
    browser = await open()
    api = await adminsAPI(server)
    await api.post('/companies', { name: 'ООО «Вектор-Плюс»', phones: [{ value: '8 (495) 000-00-71' }] })
    await api.post('/contacts', { name: 'Белкина Анна Ивановна', phones: [], emails: ['belkina@vektor.example'] })
    petrov = await enter(browser, server, 'petrov')
  })

  after(async () => {
    await browser?.close()
    await server?.stop()
  })

  const box = () => petrov.page.getByRole('combobox', { name: 'Поиск везде' })
  const hits = () => petrov.page.getByRole('listbox', { name: 'Поиск везде' }).getByRole('option')
  const first = () => hits().first()

  it('a company by its words in any order, from the keyboard', async () => {
    const { page } = petrov
    await visit(petrov, '/calls')
    await page.keyboard.press('Control+k')
    await page.keyboard.type('плюс вектор')
    await first().filter({ hasText: 'Вектор-Плюс' }).waitFor()
    await examine(petrov, 'search-box')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: /Вектор-Плюс/ }).waitFor()
    await settled(page)
    assert.equal(await box().inputValue(), '')
  })

  it('a number as people say it, and an e-mail, say what they were found by', async () => {
    const { page } = petrov
    await page.keyboard.press('/')
    await page.keyboard.type('8495000007') // its beginning
    await first().filter({ hasText: '8 (495) 000-00-71' }).waitFor()
    await box().fill('00-71')
    await first().filter({ hasText: '8 (495) 000-00-71' }).waitFor()
    await box().fill('belkina@')
    await first().filter({ hasText: 'belkina@vektor.example' }).waitFor()
    await box().fill('ничего такого нет')
    await page.getByText('Ничего не найдено.').waitFor()
    await page.keyboard.press('Escape')
    await page.getByText('Ничего не найдено.').waitFor({ state: 'detached' })
  })

  it('a new word aborts the request for the old one', async () => {
    const { page } = petrov
    const aborted = page.waitForEvent('requestfailed', (request) => request.url().includes('/api/v1/search'))
    await page.route('**/api/v1/search?q=%D0%B2%D0%B5%D0%BA*', async (route) => {
      await new Promise((wait) => setTimeout(wait, 3000))
      await route.continue().catch(() => undefined)
    })
    await box().fill('век')
    await page.waitForRequest((request) => request.url().includes('/api/v1/search'))
    await box().fill('белкина')
    await aborted
    await first().filter({ hasText: 'Белкина' }).waitFor()
  })
})
