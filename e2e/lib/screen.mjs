// What every screen owes its reader: words, no barrier that axe finds, nothing that scrolls sideways.

import assert from 'node:assert/strict'

/** Opens a page by its address and waits until it has drawn what it asked the server for. */
export async function visit({ page }, path) {
  await page.goto(new URL(path, page.url()).href)
  await settled(page)
}

/** Waits for the heading, and until nothing on the page says that it is still loading. */
export async function settled(page) {
  await page.locator('main h1').first().waitFor({ state: 'attached', timeout: 30_000 })
  await page.waitForFunction(() => !document.querySelector('main [role=status] .mantine-Loader-root'), null, {
    timeout: 30_000,
  })
}

/** Looks at the page as it is now: axe, sideways scrolling, and a picture of it as a whole. */
export async function examine(person, name) {
  assert.deepEqual(await person.findings(), [], `axe on ${name}`)
  const { wide, by } = await person.page.evaluate(() => {
    const width = document.documentElement.clientWidth
    const beyond = [...document.querySelectorAll('main *')].filter((at) => at.getBoundingClientRect().right > width)
    const by = beyond.slice(-3).map((at) => `<${at.localName} class="${at.className}"> ${at.textContent.slice(0, 60)}`)
    return { wide: document.documentElement.scrollWidth - width, by }
  })
  assert.ok(wide <= 0, `${name} scrolls sideways by ${wide} px: ${by.join(', ')}`)
  await person.picture(name, { whole: true })
}

/** The accessible name of what has the focus, also inside a card. */
export async function focusedName(page) {
  return page.evaluate(() => {
    let at = document.activeElement
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement
    return at?.getAttribute('aria-label') ?? at?.textContent?.trim() ?? ''
  })
}

/** Presses Tab until what has this name has the focus. */
export async function tabTo(page, name) {
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab')
    if ((await focusedName(page)) === name) return
  }
  assert.fail(`"${name}" is not reached by the Tab key`)
}

/** The card inside a page, of this colour, with these words on it: that of a check or of a past call. */
export async function pageCard({ page }, color, words) {
  const card = page.locator(`main call-card section.card.${color}`).filter({ hasText: words })
  await card.first().waitFor({ state: 'visible', timeout: 30_000 })
  return card.first()
}
