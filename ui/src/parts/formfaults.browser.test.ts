// Faults of a form in real Chromium: where they stand, and where the focus goes.

import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { faults } from '../i18n/faults'
import { built, launch } from '../testing/browser'

const types: Record<string, string> = { js: 'text/javascript', css: 'text/css', html: 'text/html' }
const me = {
  id: 1,
  login: 'root',
  name: 'Root',
  roles: ['admin'],
  teams: [],
  extensions: [],
  phones: [],
  language: 'en',
}
const words = faults.en as Record<string, string>

let files: Map<string, string | Uint8Array>
let browser: Browser
let page: Page
/** The answer to a new status. */
let refusal: { code: string; errors: Array<{ field: string; code: string }> }

beforeAll(async () => {
  files = new Map(
    (await built('vite.config.ts')).map((file) => [file.fileName, file.type === 'chunk' ? file.code : file.source]),
  )
  browser = await launch()
}, 60_000)
afterAll(() => browser?.close())

beforeEach(async () => {
  page = await browser.newPage({ locale: 'en-GB' })
  await page.route('http://callhue.test/**', (route) => {
    const path = new URL(route.request().url()).pathname
    const json = (status: number, body: unknown) => route.fulfill({ status, json: body })
    if (path === '/api/v1/me') return json(200, me)
    if (path === '/api/v1/statuses' && route.request().method() === 'POST') return json(422, refusal)
    if (path === '/api/v1/statuses') return json(200, { items: [], next_page_token: '' })
    if (path.startsWith('/api/')) return json(503, { code: 'busy' })
    const name = files.has(path.slice(1)) ? path.slice(1) : 'index.html'
    const contentType = types[name.split('.').pop()!] ?? 'application/octet-stream'
    return route.fulfill({ contentType, body: Buffer.from(files.get(name)!) })
  })
  await page.goto('http://callhue.test/statuses')
  await page.getByRole('button', { name: 'New status' }).click()
})
afterEach(() => page.close())

async function save() {
  await page.getByLabel('Name').fill('Reserved')
  await page.getByLabel('Code').fill('РЕЗЕРВ_1')
  await page.getByRole('button', { name: 'Save' }).click()
}

/** What an input is described by: its hint and its fault. */
const described = (label: string) =>
  page.getByLabel(label).evaluate((input) =>
    (input.getAttribute('aria-describedby') ?? '')
      .split(' ')
      .map((id) => document.getElementById(id)?.textContent)
      .join(' '),
  )

describe('a form that is refused', () => {
  it('shows each fault at its input, the rest above, and moves the focus to the first', async () => {
    const errors = [
      { field: 'code', code: 'malformed' },
      { field: 'sort', code: 'out_of_range' },
      { field: 'active', code: 'default_needed' },
      { field: 'of_tomorrow', code: 'required' },
    ]
    refusal = { code: 'invalid_input', errors }
    await save()
    const above = page.locator('form .refused')
    await above.waitFor()
    expect(await above.textContent()).toBe(`${words.invalid_input} of_tomorrow: ${words.required}`)
    expect(await described('Code')).toContain(words.malformed)
    expect(await described('Order')).toContain(words.out_of_range)
    expect(await page.locator('form').textContent()).toContain(words.default_needed)
    expect(await described('Name')).not.toContain(words.required)
    expect(await page.getByLabel('Code').evaluate((input) => input === document.activeElement)).toBe(true)
    const [top, first] = [await above.boundingBox(), await page.getByLabel('Name').boundingBox()]
    expect(top!.y).toBeLessThan(first!.y)
  })

  it('says once that a code is taken: at the code', async () => {
    refusal = { code: 'code_taken', errors: [{ field: 'code', code: 'code_taken' }] }
    await save()
    await page.getByText(words.code_taken!).waitFor()
    expect(await described('Code')).toContain(words.code_taken)
    expect(await page.getByText(words.code_taken!).count()).toBe(1)
  })

  it('is not sent while the browser itself sees that a code cannot be one', async () => {
    refusal = { code: 'invalid_input', errors: [] }
    await page.getByLabel('Name').fill('Reserved')
    for (const [code, valid] of [
      ['1A', false],
      ['IN WORK', false],
      ['ВАЖНЫЙ.1', true],
    ] as const) {
      await page.getByLabel('Code').fill(code)
      expect(await page.getByLabel('Code').evaluate((input: HTMLInputElement) => input.checkValidity())).toBe(valid)
    }
  })
})
