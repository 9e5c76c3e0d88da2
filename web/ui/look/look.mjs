// Photographs every card in real Chromium behind the strict CSP, and fails on
// what axe finds, on a card that is too small, and on any console error.
//
//   npm run build && npm run look        -> look/out/*.png

import { createServer } from 'node:http'
import { mkdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { chromium } from 'playwright-core'
import { cards } from './cards.mjs'

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const root = new URL('../', import.meta.url)
const out = new URL('out/', import.meta.url)
const csp = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:"
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']
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

async function inspect(tab, name) {
  // `bypassCSP` is off: axe comes in through the debugger, as the tester does.
  await tab.evaluate(axe)
  const report = await tab.evaluate(() => window.axe.run(document, { rules: { region: { enabled: false } } }))
  for (const violation of report.violations) {
    problems.push(`${name}: axe ${violation.id} (${violation.impact}): ${violation.nodes.map((n) => n.target.flat().join(' ')).join('; ')}`)
  }
}

async function photograph(browser, name, { width, height, scheme }, list) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, reducedMotion: 'reduce' })
  const tab = await context.newPage()
  tab.on('console', (message) => message.type() === 'error' && problems.push(`${name}: console: ${message.text()}`))
  tab.on('pageerror', (error) => problems.push(`${name}: ${error}`))
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
  const sizes = await tab.evaluate(() => [...document.querySelectorAll('call-card')].map((e) => [e.id, e.folded, e.clientWidth, e.clientHeight]))
  for (const [id, folded, w, h] of sizes) {
    if (w < 320 || (!folded && h < 240)) problems.push(`${name}: ${id} is ${w}x${h}, below 320x240`)
  }
  const wide = await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  if (wide > 0) problems.push(`${name}: scrolls sideways by ${wide} px`)
  await inspect(tab, name)
  await tab.screenshot({ path: new URL(`${name}.png`, out).pathname, fullPage: true })
  await context.close()
}

await mkdir(out, { recursive: true })
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags })
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
for (const problem of problems) console.error(problem)
console.log(problems.length ? `${problems.length} problems` : 'the cards look right: no axe finding, no CSP error, none too small')
process.exitCode = problems.length ? 1 : 0
