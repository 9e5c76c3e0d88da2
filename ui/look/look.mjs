// Photographs every card in real Chromium behind the strict CSP, and fails on
// what axe finds, on a card that is too small, and on any console error.
//
//   npm run build && npm run look        -> look/out/*.png

import { mkdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { csp, inspect, judge, launch, watched } from './browser.mjs'
import { cards } from './cards.mjs'

const root = new URL('../', import.meta.url)
const out = new URL('out/', import.meta.url)
const problems = []

const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Cards</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="/look/page.css"><script type="module" src="/embed/card.js"></script><main><h1>Cards</h1></main></html>`

const server = createServer(async (request, response) => {
  const path = request.url.split('?')[0]
  const file = path === '/embed/card.js' ? 'dist/embed/card.js' : path === '/look/page.css' ? 'look/page.css' : null
  const type = file?.endsWith('.js') ? 'text/javascript' : file ? 'text/css' : 'text/html'
  response.writeHead(200, { 'content-type': `${type}; charset=utf-8`, 'content-security-policy': csp })
  response.end(file ? await readFile(new URL(file, root)) : page)
}).listen(0, '127.0.0.1')
await new Promise((ready) => server.once('listening', ready))
const address = `http://127.0.0.1:${server.address().port}/`

async function photograph(browser, name, view, list) {
  const tab = await watched(browser, name, view, problems)
  await tab.goto(address)
  await tab.evaluate(async (entries) => {
    await customElements.whenDefined('call-card')
    for (const [id, { lang, card }] of entries) {
      const element = document.createElement('call-card')
      element.id = id
      element.lang = lang
      element.setAttribute('card', JSON.stringify(card))
      document.querySelector('main').append(element)
    }
  }, list)
  const sizes = await tab.evaluate(() =>
    [...document.querySelectorAll('call-card')].map((e) => [e.id, e.folded, e.clientWidth, e.clientHeight]),
  )
  for (const [id, folded, w, h] of sizes) {
    if (w < 320 || (!folded && h < 240)) problems.push(`${name}: ${id} is ${w}x${h}, below 320x240`)
  }
  await inspect(tab, name, problems, { region: { enabled: false } })
  await tab.screenshot({ path: new URL(`${name}.png`, out).pathname, fullPage: true })
  await tab.context().close()
}

await mkdir(out, { recursive: true })
const browser = await launch()
try {
  const all = Object.entries(cards)
  await photograph(browser, 'desk-light', { width: 1280, height: 800, scheme: 'light' }, all)
  await photograph(browser, 'desk-dark', { width: 1280, height: 800, scheme: 'dark' }, all)
  await photograph(browser, 'phone-360', { width: 360, height: 740, scheme: 'light' }, all)
  await photograph(browser, 'tv-1920', { width: 1920, height: 1080, scheme: 'light' }, all.slice(0, 1))
} finally {
  await browser.close()
  server.close()
}
judge(problems)
