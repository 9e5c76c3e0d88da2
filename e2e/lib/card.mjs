// Where a test looks for a card. Its outside is the element's own: <call-card data-color data-state data-call-id>.

import assert from 'node:assert/strict'

/** The open cards of a page that show these words (a client, an owner); all cards without words. */
export function cards(page, words) {
  const all = page.locator('call-card')
  return words ? all.filter({ hasText: words }) : all
}

/** Waits until exactly one card shows the words with these attributes: { color: 'red', state: 'ringing' }. */
export async function seen(page, words, attributes) {
  const wanted = Object.entries(attributes).map(([name, value]) => `[data-${name}="${value}"]`).join('')
  const card = page.locator(`call-card${wanted}`).filter({ hasText: words })
  try {
    await card.first().waitFor({ state: 'visible', timeout: 5_000 })
  } catch {
    const there = await cards(page).evaluateAll((all) => all.map((card) => ({ ...card.dataset })))
    assert.fail(`no card "${words}" ${wanted} within 5 s; cards on the page: ${JSON.stringify(there)}`)
  }
  assert.equal(await card.count(), 1, `more than one card "${words}" ${wanted}`)
  return card.first()
}
