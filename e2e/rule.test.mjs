// The rule cannot be got around, and is not got around in silence: asking a head, permits, incidents, the do-not-call
// list, data quality. A real browser against the real binary.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { open } from './lib/browser.mjs'
import { seen } from './lib/card.mjs'
import { generic } from './lib/pbx.mjs'
import { adminsAPI, enter } from './lib/people.mjs'
import { examine, pageCard, visit } from './lib/screen.mjs'
import { start } from './lib/server.mjs'

const acmesNumber = '+74950000011' // Ivanov has Acme in work; Smirnov is his head
const waitingNumber = '+74950000013' // foreign, but not protected
const extension = '102' // Petrov's

describe('the rule', { concurrency: false }, () => {
  let server,
    browser,
    api,
    pbx,
    acme,
    calls = 0
  const people = {}

  before(async () => {
    server = await start()
    browser = await open()
    api = await adminsAPI(server)
    acme = (await api.get('/companies?q=Acme')).items[0]
    const { secret } = await api.post('/sources', { name: 'e2e', dialect: 'generic' })
    pbx = generic(server.url, 'e2e', secret)
    for (const login of ['petrov', 'ivanov', 'smirnov', 'admin']) people[login] = await enter(browser, server, login)
  })

  after(async () => {
    await browser?.close()
    await server?.stop()
  })

  /** Petrov dials; `hangUp` ends the call. */
  const dial = async (number, first = {}) => {
    const call = { call_id: `rule-${++calls}`, direction: 'out', number, agent: extension }
    const say = async (event, more = {}) => assert.equal((await pbx.say({ ...call, ...more, event })).status, 200)
    await say('ringing', first)
    return { answer: (more) => say('answered', more), hangUp: (more) => say('ended', more) }
  }

  it('asks: an agent asks from the card, and sees that it waits', async () => {
    const {
      petrov,
      petrov: { page },
    } = people
    await visit(petrov, '/')
    const call = await dial(acmesNumber)
    const card = await seen(page, 'Acme Ltd', { color: 'red', state: 'ringing' })
    await card.getByRole('button', { name: 'Попросить разрешение' }).click()
    const dialog = page.getByRole('dialog', { name: 'Попросить разрешение' })
    await dialog.getByText('За компанию Acme Ltd отвечает Иванов Сергей').waitFor()
    await dialog.getByLabel('Причина').fill('клиент сам просил перезвонить')
    await examine(petrov, 'ask')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.locator('.requeststate.open').waitFor()
    await call.hangUp()
  })

  it('asks: the head has a badge, allows as many hours as the policy says in one click, and the next card says until when and by whom', async () => {
    const {
      smirnov,
      smirnov: { page },
      petrov,
    } = people
    await visit(smirnov, '/')
    await page.getByRole('link', { name: /^Запросы.*ждут вашего решения: 1/ }).click()
    await page.getByText('клиент сам просил перезвонить').waitFor()
    await examine(smirnov, 'asks')
    await page.getByRole('button', { name: 'Разрешить на 8 ч' }).click()
    await page.getByText('Нет запросов, которые ждут вашего решения.').waitFor()
    await page.locator('main tbody tr').filter({ hasText: 'Петров' }).filter({ hasText: 'Acme Ltd' }).first().waitFor()
    await page.locator('.badge').waitFor({ state: 'detached' })
    await examine(smirnov, 'asks-decided')

    const call = await dial(acmesNumber)
    const card = await seen(petrov.page, 'Acme Ltd', { color: 'none', state: 'ringing' })
    assert.match(await card.innerText(), /Разрешение до .*Смирнов/)
    await examine(petrov, 'card-permit')
    await call.hangUp()
  })

  it('asks: the head ends the permit, refuses the next ask with a reason, and the agent reads it', async () => {
    const {
      smirnov: { page },
      petrov,
    } = people
    await page.getByRole('button', { name: 'Прекратить разрешение, у кого: Петров' }).click()
    await page.getByText('Сейчас разрешений нет.').waitFor()
    const call = await dial(acmesNumber)
    const card = await seen(petrov.page, 'Acme Ltd', { color: 'red', state: 'ringing' })
    await card.getByRole('button', { name: 'Попросить разрешение' }).click()
    await petrov.page.getByLabel('Причина').fill('ещё раз')
    await petrov.page.getByRole('button', { name: 'Отправить запрос', exact: true }).click()
    await page.getByRole('button', { name: 'Отказать' }).click({ timeout: 30_000 })
    await page.getByLabel('Причина').fill('Иванов сам перезвонит')
    await page.getByRole('button', { name: 'Отказать' }).last().click()
    await petrov.page.locator('.requeststate.refused').getByText('Иванов сам перезвонит').waitFor({ timeout: 30_000 })
    await examine(petrov, 'ask-refused')
    await call.hangUp()
  })

  it('incidents: a long talk on a red card is listed, downloaded, acknowledged with a reason, and counted', async () => {
    const {
      smirnov,
      smirnov: { page },
    } = people
    // The PBX dates what it says: a length alone proves no talk.
    const began = Date.now() - 100_000
    const at = (seconds) => ({ at: new Date(began + seconds * 1000).toISOString() })
    const call = await dial(acmesNumber, at(0))
    await call.answer(at(4))
    await call.hangUp({ ...at(99), duration: 95, result: 'answered' })
    await visit(smirnov, '/incidents')
    const row = page.locator('main tbody tr').filter({ hasText: 'Петров' }).filter({ hasText: 'Acme Ltd' })
    await row.getByText('1:35', { exact: true }).waitFor({ timeout: 30_000 })
    await examine(smirnov, 'incidents')
    const file = await page.request.get(
      new URL(await page.getByRole('link', { name: 'Скачать CSV' }).getAttribute('href'), server.url).href,
    )
    assert.match(file.headers()['content-type'], /csv/)
    assert.match(await file.text(), /Acme Ltd/)
    await row.getByRole('button', { name: /^Рассмотреть инцидент/ }).click()
    await row.getByLabel('Решение').fill('поговорили, больше не будет')
    await row.getByRole('button', { name: 'Рассмотреть' }).click()
    await row.getByText('поговорили, больше не будет').waitFor()
    await page.getByRole('tab', { name: 'Отчёт' }).click()
    await page
      .locator('main tbody tr')
      .filter({ hasText: 'Петров' })
      .locator('.bar')
      .getByText('1', { exact: true })
      .waitFor()
    await page.getByText('дням', { exact: true }).click()
    await page.locator('main tbody tr').first().waitFor()
    await examine(smirnov, 'incidents-report')
  })

  it('do not call: a head keeps the list, and the card says so loudly over its colour', async () => {
    const {
      smirnov,
      smirnov: { page },
      petrov,
    } = people
    await visit(smirnov, '/do-not-call')
    await page.getByRole('textbox', { name: 'Номер', exact: true }).fill('не номер')
    await page.getByRole('textbox', { name: 'Причина' }).fill('просил не звонить')
    await page.getByRole('button', { name: 'Внести в список' }).click()
    await page.getByText('не читается как номер').first().waitFor()
    smirnov.forgive(422)
    await page.getByRole('textbox', { name: 'Номер', exact: true }).fill('8 495 000-00-13')
    await page.getByRole('button', { name: 'Внести в список' }).click()
    await page.locator('main tbody tr').filter({ hasText: '+7 495 000-00-13' }).waitFor()
    await examine(smirnov, 'do-not-call')
    await visit(petrov, `/check?number=${encodeURIComponent(waitingNumber)}`)
    const card = petrov.page.locator('main call-card section.card').first()
    await card.getByText('НЕ ЗВОНИТЬ', { exact: true }).waitFor()
    await card.getByText('Причина: просил не звонить').waitFor()
    await examine(petrov, 'card-do-not-call')
    await visit(petrov, '/do-not-call')
    assert.equal(await petrov.page.getByRole('button', { name: /Внести|Убрать/ }).count(), 0, 'an agent keeps no list')
    await page.getByRole('button', { name: /^Убрать .* из списка$/ }).click()
    await page.locator('main tbody tr').waitFor({ state: 'detached' })
  })

  it('quality: reports are counted, listed and downloaded', async () => {
    const {
      smirnov,
      smirnov: { page },
    } = people
    await visit(smirnov, '/quality')
    await examine(smirnov, 'quality')
    await page.getByRole('link', { name: 'Контакты без компании' }).click()
    await page.locator('main tbody tr').first().waitFor()
    const file = await page.request.get(
      new URL(await page.getByRole('link', { name: 'Скачать CSV' }).getAttribute('href'), server.url).href,
    )
    assert.equal(file.status(), 200)
    await examine(smirnov, 'quality-report')
  })

  it('quality: duplicates are merged side by side by choice, the merge is undone, and what is none is remembered', async () => {
    const {
      admin,
      admin: { page },
    } = people
    const made = []
    for (const [name, owner_id] of [
      ['Дубль Ромашка', acme.owner_id],
      ['ООО «Дубль Ромашка»', 0],
    ]) {
      const phones = [{ value: '+74950000081', kind: 'work' }]
      made.push(await api.post('/companies', { name, owner_id, phones }))
    }
    await api.put(`/companies/${made[1].id}/status`, { status: 'IN_WORK', version: made[1].version })
    await visit(admin, '/quality/duplicates')
    const group = page.locator('section.panel').filter({ hasText: '+7 495 000-00-81' }).first()
    await group.getByText('название: Дубль Ромашка').waitFor()
    await examine(admin, 'duplicates')
    await group.getByRole('button', { name: /^Объединить/ }).click()
    const dialog = page.getByRole('dialog', { name: 'Объединить записи' })
    const row = (name) => dialog.getByRole('row').filter({ has: page.getByRole('rowheader', { name }) })
    await row('Статус').getByText('всегда остаётся самый строгий').waitFor()
    await row('Статус').locator('strong', { hasText: 'В работе' }).waitFor()
    await row('Ответственный').locator('strong', { hasText: 'Иванов Сергей' }).waitFor()
    await dialog.getByRole('radio', { name: `Название: ООО «Дубль Ромашка» (#${made[1].id})` }).check()
    await row('Название').getByText('ваш выбор').waitFor()
    await examine(admin, 'merge')
    await dialog.getByLabel('Причина').fill('одна и та же')
    await dialog.getByRole('button', { name: 'Объединить 2 в одну' }).click()
    await dialog.waitFor({ state: 'detached' })
    const kept = await api.get(`/companies/${made[0].id}`)
    assert.equal(kept.status.code, 'IN_WORK')
    assert.equal(kept.name, 'ООО «Дубль Ромашка»')
    await group.waitFor({ state: 'detached' })
    const { petrov } = people
    await visit(petrov, `/check?number=${encodeURIComponent('+74950000081')}`)
    await pageCard(petrov, 'red', 'Дубль Ромашка')

    await visit(admin, `/companies/${made[0].id}`)
    await page.getByRole('button', { name: /^Отменить…/ }).click()
    await examine(admin, 'merge-undo')
    await page.getByLabel('Причина (останется в истории)').last().fill('разные')
    await page.getByRole('button', { name: 'Отменить объединение' }).click()
    await page
      .getByText(/^.*Отменено /)
      .first()
      .waitFor()
    const back = await api.get(`/companies/${made[1].id}`)
    assert.equal(back.status.code, 'IN_WORK')
    assert.equal((await api.get(`/companies/${made[0].id}`)).status.code, 'WAITING')

    await visit(admin, '/quality/duplicates')
    await group.getByRole('button', { name: /^Не дубли/ }).click()
    await group.waitFor({ state: 'detached' })
    const pairs = await api.get('/not-duplicates')
    assert.equal(pairs.items.length, 1)
  })

  it('enforcement: where the policy wants a reason, the card asks for it and shows that it is noted', async () => {
    const {
      petrov,
      petrov: { page },
    } = people
    const policy = await api.get('/policy')
    await api.put('/policy', { ...policy, enforcement: { ...policy.enforcement, mode: 'reason' }, reason: 'e2e' })
    await visit(petrov, '/')
    const call = await dial(acmesNumber)
    const card = await seen(page, 'Acme Ltd', { color: 'red', state: 'ringing' })
    await examine(petrov, 'card-reason')
    await card.getByRole('textbox', { name: 'Почему вы продолжаете?' }).fill('ответственный в отпуске')
    await page.keyboard.press('Enter')
    await card.getByText('Сохранено: ответственный в отпуске').waitFor()
    await call.hangUp()
  })

  it('came without a script error, an unasked line on the error console or a request to another host', () => {
    assert.deepEqual(
      Object.values(people).flatMap(({ faults }) => faults),
      [],
    )
  })
})
