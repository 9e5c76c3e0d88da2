// The policy: read by heads, tried on past calls, made active by an administrator; a real browser against the real binary.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { open } from './lib/browser.mjs'
import { fromAfar } from './lib/card.mjs'
import { generic } from './lib/pbx.mjs'
import { adminsAPI, enter } from './lib/people.mjs'
import { examine, pageCard, visit } from './lib/screen.mjs'
import { start } from './lib/server.mjs'

const acmesNumber = '+74950000011' // Ivanov has Acme in work

describe('the policy', { concurrency: false }, () => {
  let server, browser, api
  const people = {}

  before(async () => {
    server = await start()
    browser = await open()
    api = await adminsAPI(server)
    const { secret } = await api.post('/sources', { name: 'e2e', dialect: 'generic' })
    const pbx = generic(server.url, 'e2e', secret)
    for (const [call_id, number, agent] of [
      ['a', acmesNumber, '102'],
      ['b', '+74950000012', '102'],
      ['c', '+74950000025', '102'],
      ['d', '+74950000013', '102'],
    ]) {
      for (const event of ['ringing', 'ended'])
        assert.equal((await pbx.say({ event, call_id, direction: 'out', number, agent })).status, 200)
    }
    for (const login of ['petrov', 'supervisor', 'admin']) people[login] = await enter(browser, server, login)
  })

  after(async () => {
    await browser?.close()
    await server?.stop()
  })

  const rehearse = ({ page }) => page.getByRole('button', { name: 'Проверить на звонках' }).click()
  const cell = ({ page }, row, column) =>
    page.locator('.matrix').evaluate(
      (box, [r, c]) => {
        const words = (cells) => [...cells].map((one) => one.innerText.trim())
        const at = words(box.querySelectorAll('thead th')).indexOf(c)
        const line = [...box.querySelectorAll('tbody tr')].find((tr) => tr.querySelector('th').innerText.trim() === r)
        return line?.querySelectorAll('td')[at]?.innerText
      },
      [row, column],
    )

  it('does not open for an agent', async () => {
    const { petrov } = people
    await petrov.page.goto(new URL('/policy', server.url).href)
    await petrov.page.getByRole('alert').filter({ hasText: 'Ваша роль этого не позволяет.' }).waitFor()
    assert.equal(await petrov.page.getByRole('link', { name: 'Правила' }).count(), 0)
  })

  it('is read and tried by a head, who cannot make it active', async () => {
    const {
      supervisor,
      supervisor: { page },
    } = people
    await visit(supervisor, '/policy')
    await page.getByText('Действует версия 1').waitFor()
    await page.getByText('Включает его только администратор').waitFor()
    assert.equal(await page.getByRole('button', { name: 'Включить' }).count(), 0)
    assert.ok(
      await page.getByRole('button', { name: 'Проверить на звонках' }).isDisabled(),
      'an unchanged draft has nothing to try',
    )
    await page.getByLabel('Готовый порядок').selectOption('bitrix24_classic')
    assert.deepEqual(await page.locator('.order strong').allInnerTexts(), ['1. Контакт', '2. Лид', '3. Компания'])
    await rehearse(supervisor)
    await page.getByText('Проверено карточек: 4.').waitFor()
    assert.equal(await cell(supervisor, 'Красная', 'Красная'), '2', 'red does not depend on the order')
    await examine(supervisor, 'policy-head')
  })

  it('is reordered by the keyboard alone, and says so', async () => {
    const {
      supervisor: { page },
    } = people
    await page.getByRole('button', { name: 'Выше: Лид' }).focus()
    await page.keyboard.press('Enter')
    assert.deepEqual(await page.locator('.order strong').allInnerTexts(), ['1. Лид', '2. Контакт', '3. Компания'])
    await page.getByText('Лид: место 1 из 3').waitFor({ state: 'attached' })
    assert.equal(await page.getByLabel('Готовый порядок').inputValue(), '', 'an order of one’s own is no preset')
  })

  it('warns of words that cannot be read, and shows them on the card', async () => {
    const {
      admin,
      admin: { page },
    } = people
    await visit(admin, '/policy')
    await page.getByRole('textbox', { name: 'Фон', exact: true }).fill('#B71C1C')
    assert.deepEqual((await fromAfar(page.locator('main call-card section.card'))).background, [183, 28, 28])
    await page.getByRole('textbox', { name: 'Текст', exact: true }).fill('#E57373')
    await page.getByText('Ниже 4,5 : 1').waitFor()
    await page.getByRole('textbox', { name: 'Текст', exact: true }).fill('#FFFFFF')
    await page.getByText(/^Контраст 6,5 : 1$/).waitFor()
  })

  it('marks the field that was refused, and the old version stays', async () => {
    const {
      admin,
      admin: { page },
    } = people
    const seconds = page.getByLabel('Разговор при красной карточке')
    await seconds.fill('99999')
    await page.getByLabel('Причина').fill('проба')
    await page.getByRole('button', { name: 'Включить' }).click()
    await page.getByText('вне допустимых границ').first().waitFor()
    assert.equal(await seconds.getAttribute('aria-invalid'), 'true')
    assert.equal((await api.get('/policy')).version, 1)
    admin.forgive(422)
    await examine(admin, 'policy-refused')
    await seconds.fill('15')
  })

  it('is tried and made active with a reason: the next card has its colour, the version its author', async () => {
    const {
      admin,
      admin: { page },
      petrov,
    } = people
    await page.getByLabel('Вместо красной администратор видит').selectOption('none')
    await rehearse(admin)
    await page.getByText('Ни одна не изменится.').waitFor()
    await page.getByRole('button', { name: 'Включить' }).click()
    await page.getByRole('alert').filter({ hasText: 'ждёт второго администратора' }).waitFor()
    assert.equal((await api.get('/policy')).version, 1, 'what lowers protection is not active yet')
    const args = ['--login', 'second', '--name', 'Вторая', '--roles', 'admin']
    await server.callhue('user', 'add', ...args)
    const second = await enter(browser, server, 'second')
    await visit(second, '/changes')
    await second.page.getByText('Предложил: Администратор').waitFor()
    await examine(second, 'changes')
    await second.page.getByRole('button', { name: 'Подтвердить' }).click()
    await second.page.locator('main tbody tr').filter({ hasText: 'подтверждено' }).waitFor()
    await visit(admin, '/policy')
    await page.getByText('Действует версия 2, с').waitFor()
    const row = page.locator('main tbody tr').filter({ hasText: 'проба' })
    await row.filter({ hasText: 'Цвета' }).filter({ hasText: 'Администратор' }).waitFor()
    await examine(admin, 'policy')
    const [made] = (await api.get('/policy/versions')).items
    assert.deepEqual(
      [made.policy.incident_seconds, made.policy.admin, made.policy.palette.red.back, made.reason],
      [15, 'none', '#B71C1C', 'проба'],
    )

    await visit(petrov, `/check?number=${encodeURIComponent(acmesNumber)}`)
    const card = await pageCard(petrov, 'red', 'Acme Ltd')
    assert.deepEqual((await fromAfar(card)).background, [183, 28, 28])
    assert.deepEqual(await petrov.findings(), [])
  })

  it('takes an old version back into the draft', async () => {
    const {
      admin: { page },
    } = people
    await page.getByRole('button', { name: 'В черновик: 1' }).click()
    await page.getByText(/^Изменено в черновике: /).waitFor()
    assert.equal(await page.getByRole('textbox', { name: 'Фон', exact: true }).inputValue(), '#C4001D')
  })

  it('statuses: the effect of an entry is tried before it is saved', async () => {
    const {
      supervisor,
      supervisor: { page },
    } = people
    await visit(supervisor, '/statuses')
    await page.getByRole('button', { name: 'Изменить: В работе' }).click()
    await page.getByLabel('Карточка для других').selectOption('banner')
    await page.getByLabel('Сколько последних звонков').fill('100')
    await page.keyboard.press('Enter')
    await page.getByText('Другой цвет или причина: 2.').waitFor()
    assert.equal(await cell(supervisor, 'Красная', 'Обычная'), '1')
    assert.equal(await cell(supervisor, 'Красная', 'Жёлтая'), '1')
    await page.locator('main').getByRole('link', { name: 'Acme Ltd' }).first().waitFor()
    assert.equal((await api.get('/statuses/IN_WORK')).card_effect, 'red', 'a try saves nothing')
    await examine(supervisor, 'status-try')
  })

  it('came without a script error, an unasked line on the error console or a request to another host', () => {
    assert.deepEqual(
      Object.values(people).flatMap(({ faults }) => faults),
      [],
    )
  })
})
