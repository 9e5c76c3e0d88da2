// What both photographers need: Chromium without its chatter, and what a page may never do.

import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { chromium } from 'playwright-core'

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Stricter than the server's own: neither inline script nor inline style. */
export const csp = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:"

export const launch = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: quiet })

/** Opens a page that writes every script error and console error into `problems`. */
export async function watched(browser, name, { width, height, scheme = 'light', locale = 'en-GB' }, problems) {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    locale,
    reducedMotion: 'reduce',
  })
  await context.addInitScript(axe)
  const tab = await context.newPage()
  tab.on('console', (message) => message.type() === 'error' && problems.push(`${name}: console: ${message.text()}`))
  tab.on('pageerror', (error) => problems.push(`${name}: ${error}`))
  return tab
}

/** Runs axe and looks for sideways scrolling; findings go into `problems`. */
export async function inspect(tab, name, problems, rules = {}) {
  const { violations } = await tab.evaluate((options) => window.axe.run(document, options), { rules })
  for (const { id, impact, nodes } of violations) {
    const [first] = nodes
    problems.push(
      `${name}: axe ${id} (${impact}), ${nodes.length} times, first: ${first.target.flat().join(' ')}: ${first.any[0]?.message ?? ''}`,
    )
  }
  const wide = await tab.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  if (wide > 0) problems.push(`${name}: scrolls sideways by ${wide} px`)
}

/** Prints the problems and sets the exit code. */
export function judge(problems) {
  for (const problem of problems) console.error(problem)
  console.log(
    problems.length ? `${problems.length} problems` : 'all looks right: no axe finding, no console or CSP error',
  )
  process.exitCode = problems.length ? 1 : 0
}
