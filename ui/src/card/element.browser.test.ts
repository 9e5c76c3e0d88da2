// The element in real Chromium: what a hand, a keyboard and a screen reader get.

import { gzipSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Card } from '../api/types'
import { built, launch } from '../testing/browser'
import { sampleCard } from '../testing/cards'

let script = ''
let browser: Browser
let page: Page

const red = (state: 'ringing' | 'talking' | 'ended' = 'ringing') =>
  sampleCard(
    { color: 'red', relation: 'foreign', title: 'Foreign', text: 'Pass it on.' },
    { state, answered_at: state === 'ringing' ? null : '2026-03-12T12:16:09Z' },
  )

beforeAll(async () => {
  script = (await built('vite.embed.config.ts'))[0].code
  browser = await launch()
}, 30_000)
afterAll(() => browser?.close())

beforeEach(async () => {
  page = await browser.newPage({ viewport: { width: 800, height: 700 }, locale: 'en-GB' })
  await page.route('http://card.test/**', (route) =>
    route.request().url().endsWith('/card.js')
      ? route.fulfill({ contentType: 'text/javascript', body: script })
      : route.fulfill({
          contentType: 'text/html',
          headers: { 'content-security-policy': "default-src 'self'" },
          body: '<!doctype html><html lang="en"><title>t</title><script type="module" src="/card.js"></script><body></body></html>',
        }),
  )
  await page.goto('http://card.test/')
})
afterEach(() => page.close())

/** Puts a card on the page as a foreign page would: by the attribute. */
async function put(card: Card, lang = 'en') {
  await page.evaluate(
    ([json, language]) => {
      const element = document.createElement('call-card')
      element.setAttribute('lang', language!)
      element.setAttribute('card', json!)
      document.body.append(element)
      for (const name of ['card-action', 'card-close', 'card-fold']) {
        element.addEventListener(name, (event) => {
          event.preventDefault()
          const { action, folded } = (event as CustomEvent).detail
          document.title += ` ${name}:${action ?? folded ?? ''}`
        })
      }
    },
    [JSON.stringify(card), lang],
  )
  return page.locator('call-card')
}
const change = (card: Card) =>
  page.locator('call-card').evaluate((element, next) => Object.assign(element, { card: next }), card)

describe('<call-card> in a browser', () => {
  it('fits into 15 KB', () => expect(gzipSync(script).length).toBeLessThan(15 * 1024))

  it.each(['red', 'yellow', 'blue', 'none', 'grey'] as const)(
    '%s paints the whole background of at least 320 by 240',
    async (color) => {
      const card = await put(sampleCard({ color }))
      const box = (await card.boundingBox())!
      expect(box.width).toBeGreaterThanOrEqual(320)
      expect(box.height).toBeGreaterThanOrEqual(240)
      const back = await card.locator('.card').evaluate((element) => getComputedStyle(element).backgroundColor)
      expect(back).toBe(
        {
          red: 'rgb(196, 0, 29)',
          yellow: 'rgb(255, 210, 0)',
          blue: 'rgb(10, 88, 202)',
          none: 'rgb(255, 255, 255)',
          grey: 'rgb(74, 82, 92)',
        }[color],
      )
    },
  )

  it('is painted as the policy says, and as shipped where the policy cannot be read', async () => {
    const paper = () => page.locator('call-card .card').evaluate((element) => getComputedStyle(element).backgroundColor)
    await put({ ...red(), verdict: { ...red().verdict, shade: { back: '#8B0000', ink: '#FFFFFF' } } })
    expect(await paper()).toBe('rgb(139, 0, 0)')
    await change({ ...red('ended'), verdict: { ...red().verdict, shade: { back: '#8B0000', ink: '#FFFFFF' } } })
    expect(await paper()).toBe('rgb(139, 0, 0)')
    await change({ ...red(), verdict: { ...red().verdict, shade: { back: 'url(x)', ink: '#FFFFFF' } } })
    expect(await paper()).toBe('rgb(196, 0, 29)')
  })

  it('can be read without its colour: word, client, owner, extension, what to do', async () => {
    const card = await put(red())
    for (const words of ['TAKEN', 'Acme', 'Ivanov', 'ext. 101', 'Pass it on.', '+7 495 000-00-11']) {
      await card.getByText(words, { exact: false }).first().waitFor()
    }
  })

  it('speaks Russian when told to', async () => {
    const card = await put(red(), 'ru')
    expect(await card.locator('.word').textContent()).toBe('ЧУЖОЙ')
    await card.evaluate((element) => element.setAttribute('lang', 'en'))
    expect(await card.locator('.word').textContent()).toBe('TAKEN')
  })

  it('interrupts a screen reader for red only, and not again for the same verdict', async () => {
    const card = await put(sampleCard({ color: 'grey' }))
    expect(await card.getByRole('alert').textContent()).toBe('')
    await change(red())
    expect(await card.getByRole('alert').textContent()).toContain('TAKEN. Acme')
    await card.getByRole('alert').evaluate((element) => (element.textContent = 'said'))
    await change(red('talking'))
    expect(await card.getByRole('alert').textContent()).toBe('said')
  })

  it('follows the call: rings, talks with a running clock, folds into one line', async () => {
    const card = await put(red())
    expect(await card.getAttribute('data-state')).toBe('ringing')
    const started = new Date(Date.now() - 61_000).toISOString()
    await change(sampleCard({ color: 'red' }, { state: 'talking', answered_at: started }))
    await card.getByText(/^1:0[1-9]$/).waitFor()
    await card.getByText('1:03').waitFor({ timeout: 4000 })
    await change(red('ended'))
    expect((await card.boundingBox())!.height).toBeLessThan(100)
    expect(await card.locator('.line').textContent()).toContain('Acme')
  })

  it('is worked by the keyboard alone, and the focus stays where the hand is', async () => {
    const card = await put(red())
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    expect((await card.boundingBox())!.height).toBeLessThan(100)
    expect(await card.evaluate((element) => element.shadowRoot!.activeElement?.getAttribute('aria-label'))).toBe(
      'Expand',
    )
    await change(red('talking'))
    expect(await card.evaluate((element) => element.shadowRoot!.activeElement?.getAttribute('aria-label'))).toBe(
      'Expand',
    )
    await page.keyboard.press('Enter')
    expect((await card.boundingBox())!.height).toBeGreaterThan(240)
    expect(await page.title()).toBe('t card-fold:true card-fold:false')
  })

  it('asks before it closes, tells the page, and can be brought back', async () => {
    const card = await put(red())
    await card.getByRole('button', { name: 'Close' }).click()
    expect(await page.title()).toBe('t card-close:')
    expect(await card.isVisible()).toBe(true)
    await card.evaluate((element) =>
      element.addEventListener('card-close', (event) => event.stopImmediatePropagation(), true),
    )
    await card.getByRole('button', { name: 'Close' }).click()
    expect(await card.isVisible()).toBe(false)
    await card.evaluate((element) => (element as HTMLElementTagNameMap['call-card']).reopen())
    expect(await card.isVisible()).toBe(true)
  })

  it('tells which action was pressed and lets the page keep its link', async () => {
    const card = await put({
      ...red(),
      actions: ['pass_to_owner', 'open'],
      subject: { ...red().subject!, url: '/companies/310' },
    })
    await card.getByRole('button', { name: 'Pass to the owner' }).click()
    await card.getByRole('link', { name: 'Open the client' }).click()
    expect(await page.title()).toBe('t card-action:pass_to_owner card-action:open')
    expect(page.url()).toBe('http://card.test/')
  })

  it('shows what a record contains as text, never as markup or as a script address', async () => {
    const card = await put({
      ...red(),
      actions: ['open'],
      subject: { ...red().subject!, name: '<img src=x onerror=alert(1)>', url: 'javascript:alert(1)' },
    })
    expect(await card.locator('img').count()).toBe(0)
    expect(await card.locator('a').count()).toBe(0)
    expect(await card.locator('.client').textContent()).toContain('<img src=x')
  })

  it('lists what else was found', async () => {
    const other = {
      kind: 'contact' as const,
      id: 55,
      name: 'Maria Cole',
      via: 'contact' as const,
      since: '2026-01-10T09:00:00Z',
      owner: null,
      url: '/contacts/55',
    }
    const card = await put({ ...red(), matches: [red().subject!, other], matches_total: 7 })
    await card.getByText('Also found: 6').click()
    await card.getByText('Maria Cole').waitFor()
    await change({ ...red('talking'), matches: [red().subject!, other], matches_total: 7 })
    expect(await card.getByText('Maria Cole').isVisible()).toBe(true)
  })
})
