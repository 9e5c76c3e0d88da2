// Where a test looks for a card: <call-card> draws one <section class="card COLOR STATE"> in its shadow tree, and adds
// `strip` to it when the card is folded into one line.

import assert from 'node:assert/strict'

/** The cards on show that have these words on them (a client, an owner); all of them without words. */
export function cards(page, words) {
  const all = page.locator('call-card section.card:visible')
  return words ? all.filter({ hasText: words }) : all
}

/** Waits until exactly one card with these words has this colour and state, folded or in full, and answers it. */
export async function seen(page, words, { color, state, folded = false }, timeout = 30_000) {
  const wanted = `section.card.${color}.${state}${folded ? '.strip' : ':not(.strip)'}`
  const card = page.locator(`call-card ${wanted}`).filter({ hasText: words })
  try {
    await card.first().waitFor({ state: 'visible', timeout })
  } catch {
    const there = await cards(page).evaluateAll((all) =>
      all.map((one) => `${one.className}: ${one.innerText.split('\n').join(' ')}`),
    )
    assert.fail(`no ${wanted} with "${words}" within ${timeout / 1000} s; cards on the page: ${JSON.stringify(there)}`)
  }
  assert.equal(await card.count(), 1, `more than one ${wanted} with "${words}"`)
  return card.first()
}

/** What a colleague sees from three metres: the size in CSS pixels and the background as [red, green, blue]. */
export async function fromAfar(card) {
  return card.evaluate((section) => {
    const { width, height } = section.getBoundingClientRect()
    return {
      width,
      height,
      background: getComputedStyle(section).backgroundColor.match(/\d+/g).slice(0, 3).map(Number),
    }
  })
}
