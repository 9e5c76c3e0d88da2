// The stream in real Chromium against a server that we hold in our hands: one
// stream for all tabs, and the card even where the rest of the app cannot load.

import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Card } from '../api/types'
import { built, launch } from '../testing/browser'
import { sampleCard } from '../testing/cards'

const types: Record<string, string> = { js: 'text/javascript', css: 'text/css', html: 'text/html' }
const red = (state: 'ringing' | 'talking' | 'ended') => sampleCard({ color: 'red', relation: 'foreign' }, { state })

let files: Map<string, string | Uint8Array>
let browser: Browser
let person: BrowserContext
let server: Server
let address: string
/** The streams that are open now, and the Last-Event-ID each came with. */
let streams: Array<{ answer: ServerResponse; resumed: string | undefined }>
let liveCards: Card[]

beforeAll(async () => {
  files = new Map(
    (await built('vite.config.ts')).map((file) => [file.fileName, file.type === 'chunk' ? file.code : file.source]),
  )
  browser = await launch()
}, 60_000)
afterAll(() => browser?.close())

beforeEach(async () => {
  streams = []
  liveCards = []
  server = createServer((request, answer) => {
    const path = request.url!.split('?')[0]!
    if (path === '/api/v1/live') {
      const stream = { answer, resumed: request.headers['last-event-id'] as string | undefined }
      streams.push(stream)
      answer.on('close', () => streams.splice(streams.indexOf(stream), 1))
      answer.writeHead(200, { 'content-type': 'text/event-stream' }).write('retry: 100\n\n')
    } else if (path === '/api/v1/cards') {
      answer.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ items: liveCards }))
    } else if (path.startsWith('/api/')) {
      answer.writeHead(503, { 'content-type': 'application/problem+json' }).end('{"code":"busy"}')
    } else {
      const name = files.has(path.slice(1)) ? path.slice(1) : 'index.html'
      const kind = types[name.split('.').pop()!] ?? 'application/octet-stream'
      answer
        .writeHead(200, { 'content-type': kind, 'content-security-policy': "default-src 'self'" })
        .end(files.get(name))
    }
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  person = await browser.newContext({ locale: 'en-GB' })
})
afterEach(async () => {
  await person.close()
  server.closeAllConnections()
  await new Promise((done) => server.close(done))
})

function send(id: number, card: Card) {
  liveCards = card.call!.state === 'ended' ? [] : [card]
  for (const { answer } of streams) answer.write(`id: ${id}\nevent: card\ndata: ${JSON.stringify(card)}\n\n`)
}
async function tab() {
  const page = await person.newPage()
  await page.goto(address)
  return page
}
const streamOpen = () => expect.poll(() => streams.length, { timeout: 5000 }).toBe(1)
const showing = (state: string) => `call-card[data-color=red][data-state=${state}]`

describe('the live stream in a browser', () => {
  it('is one for all tabs, and each shows the card although the rest of the server is down', async () => {
    const [first, second] = [await tab(), await tab()]
    await streamOpen()
    send(1, red('ringing'))
    await first.locator(showing('ringing')).waitFor()
    await second.locator(showing('ringing')).waitFor()
    expect(streams).toHaveLength(1)
  })

  it('survives the tab that opened it', async () => {
    const first = await tab()
    await streamOpen()
    const second = await tab()
    await first.close()
    send(1, red('talking'))
    await second.locator(showing('talking')).waitFor()
  })

  it('gives a reloaded or new tab the card at once', async () => {
    const first = await tab()
    await streamOpen()
    send(1, red('talking'))
    await first.locator(showing('talking')).waitFor()
    await first.reload()
    await first.locator(showing('talking')).waitFor()
    await (await tab()).locator(showing('talking')).waitFor()
  })

  it('resumes after a break where it was, and drops what comes twice', async () => {
    const page = await tab()
    await streamOpen()
    send(7, red('ringing'))
    await page.locator(showing('ringing')).waitFor()
    streams[0]!.answer.destroy()
    await expect.poll(() => streams[0]?.resumed, { timeout: 5000 }).toBe('7')
    send(7, red('ringing'))
    send(8, red('talking'))
    await page.locator(showing('talking')).waitFor()
    expect(await page.locator('call-card').count()).toBe(1)
  })

  it('closes a card in all tabs of the browser, not in another browser', async () => {
    const [first, second] = [await tab(), await tab()]
    await streamOpen()
    const elsewhere = await browser.newContext({ locale: 'en-GB' })
    const third = await elsewhere.newPage()
    await third.goto(address)
    await expect.poll(() => streams.length, { timeout: 5000 }).toBe(2)
    send(1, red('ringing'))
    await third.locator('call-card').waitFor()
    await second.locator('call-card').waitFor()
    await first.locator('call-card').getByRole('button', { name: 'Close' }).click()
    await second.locator('call-card').waitFor({ state: 'detached' })
    expect(await third.locator('call-card').isVisible()).toBe(true)
    await elsewhere.close()
  })

  it('works without SharedWorker by a stream of the page’s own', async () => {
    await person.addInitScript(() => Reflect.deleteProperty(globalThis, 'SharedWorker'))
    const page = await tab()
    await streamOpen()
    send(1, red('ringing'))
    await page.locator(showing('ringing')).waitFor()
  })
})
