// A real Chromium without its chatter to the network, one window per person, and what a page may never do.

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const find = fileURLToPath(new URL('../../scripts/find.sh', import.meta.url))
const out = fileURLToPath(new URL('../out/', import.meta.url))
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const quiet = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/**
 * Starts Chromium; `window({ lang, width, height })` is one person at one computer, with cookies of his own. `also` are
 * other origins that his pages may ask: that of a frame.
 */
export async function open() {
  const browser = await chromium.launch({ executablePath: chromiumPath(), args: quiet })
  return {
    window: (options) => window(browser, options),
    close: () => browser.close(),
  }
}

function chromiumPath() {
  try {
    return execFileSync(find, ['chromium'], { encoding: 'utf8' }).trim()
  } catch {
    throw new Error('the browser tests need Chromium: install the package chromium, or name it in CHROMIUM')
  }
}

async function window(browser, { lang = 'ru-RU', width = 1280, height = 800, also = [] } = {}) {
  const context = await browser.newContext({ locale: lang, viewport: { width, height } })
  // An init script is no part of the page, so the page's own content security policy stays in force.
  await context.addInitScript(axe)
  context.setDefaultTimeout(30_000)
  const faults = []
  const tab = async () => watch(await context.newPage(), faults, also)
  const page = await tab()
  return {
    page,
    /** One more tab of the same browser. */
    tab,
    /** What the page did wrong so far: script errors, lines on the console's error level, requests to other hosts. */
    faults,
    /** Saves what is to be seen, or the whole page, as e2e/out/NAME.png. */
    picture: (name, { whole = false } = {}) => page.screenshot({ path: `${out}${name}.png`, fullPage: whole }),
    /** Serious and critical findings of axe, one readable line each; none is what we want. */
    findings: () => findings(page),
    /** The API as this person's browser session sees it. */
    get: (path) => get(page, path),
    /** Takes back what Chromium wrote on the console about refusals of a status that the test asked for. */
    forgive: (status) => forgive(faults, status),
    close: () => context.close(),
  }
}

function watch(page, faults, also) {
  let origin
  page.on('pageerror', (error) => faults.push(`script error: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`console: ${message.text()}`)
  })
  page.on('request', (request) => {
    const url = new URL(request.url())
    if (!url.protocol.startsWith('http')) return
    origin ??= url.origin
    if (url.origin !== origin && !also.includes(url.origin)) faults.push(`request to another host: ${url}`)
  })
  return page
}

function forgive(faults, status) {
  const others = faults.filter((line) => !line.includes(`responded with a status of ${status} `))
  if (others.length === faults.length)
    throw new Error(`nothing was refused with ${status}; faults: ${JSON.stringify(faults)}`)
  faults.splice(0, faults.length, ...others)
}

async function findings(page) {
  const { violations } = await page.evaluate(() => window.axe.run())
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, impact, nodes }) =>
      nodes.map((node) => `${impact} ${id}: ${node.target.join(' ')}: ${node.failureSummary}`),
    )
}

async function get(page, path) {
  const answer = await page.request.get(new URL(`/api/v1${path}`, page.url()).href)
  if (!answer.ok()) throw new Error(`GET ${path}: ${answer.status()} ${await answer.text()}`)
  return answer.json()
}
