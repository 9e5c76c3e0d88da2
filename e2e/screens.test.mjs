// What people do on the screens, in a real browser against the real binary with demo data: each at his own computer,
// with his own rights.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { open } from './lib/browser.mjs'
import { seen } from './lib/card.mjs'
import { generic } from './lib/pbx.mjs'
import { adminsAPI, enter } from './lib/people.mjs'
import { examine, pageCard, settled, visit } from './lib/screen.mjs'
import { start } from './lib/server.mjs'

/** Ivanov has Acme in work; Smirnov is his head; to Petrov both are colleagues. */
const acmesNumber = '8 (495) 000-00-11'

describe('the screens', { concurrency: false }, () => {
  let server, browser, api, acme
  const people = {}

  before(async () => {
    server = await start()
    browser = await open()
    api = await adminsAPI(server)
    for (const login of ['petrov', 'ivanov', 'smirnov', 'supervisor', 'admin'])
      people[login] = await enter(browser, server, login)
    acme = (await api.get('/companies?q=Acme')).items[0]
  })

  after(async () => {
    await browser?.close()
    await server?.stop()
  })

  const check = async (person, number) => {
    await visit(person, '/check')
    await person.page.getByRole('textbox', { name: 'Номер', exact: true }).fill(number)
    await person.page.getByRole('button', { name: 'Проверить', exact: true }).click()
  }

  const chooseStatus = async ({ page }, name, reason) => {
    await page.getByLabel('Новый статус').selectOption({ label: name })
    await page.getByLabel('Причина').fill(reason)
    await page.getByRole('button', { name: 'Сменить статус' }).click()
  }

  const isNow = ({ page }, status) =>
    page.locator('main .statusmark').filter({ hasText: status }).first().waitFor({ timeout: 30_000 })

  it('check: another spelling of the number is red, and says why', async () => {
    const { petrov } = people
    await check(petrov, acmesNumber)
    await pageCard(petrov, 'red', 'Acme Ltd')
    await petrov.page.getByText('Компания в работе, и отвечает за неё другой сотрудник.').waitFor()
    await examine(petrov, 'check-red')
  })

  it('check: what is no number is refused in words, at the field', async () => {
    const { petrov } = people
    await check(petrov, '12345678901234567')
    await petrov.page.getByText('не читается как номер').waitFor({ timeout: 30_000 })
    const field = petrov.page.getByRole('textbox', { name: 'Номер', exact: true })
    assert.equal(await field.getAttribute('aria-invalid'), 'true')
    assert.match(
      await petrov.page
        .locator(`[id="${(await field.getAttribute('aria-describedby')).split(' ').pop()}"]`)
        .innerText(),
      /не читается/,
    )
    assert.equal(
      await petrov.page.locator('main call-card').count(),
      0,
      'the answer to the number before must not stay',
    )
    petrov.forgive(422)
    await examine(petrov, 'check-refused')
  })

  it('company: the owner has no right to its status, and is told so', async () => {
    const { ivanov } = people
    await visit(ivanov, `/companies/${acme.id}`)
    await chooseStatus(ivanov, 'В ожидании', 'больше не нужна')
    await ivanov.page
      .getByRole('alert')
      .filter({ hasText: 'может только руководитель ответственного' })
      .waitFor({ timeout: 30_000 })
    ivanov.forgive(403)
    assert.equal((await api.get(`/companies/${acme.id}`)).status.code, 'IN_WORK')
    await ivanov.page.locator('.history').getByText('правка отклонена').first().waitFor({ timeout: 30_000 })
    await examine(ivanov, 'company-refused')
  })

  it('company: his head changes it, the next check is not red, and it is red again when he changes it back', async () => {
    const { petrov, smirnov } = people
    await visit(smirnov, `/companies/${acme.id}`)
    await chooseStatus(smirnov, 'В ожидании', 'клиент уехал')
    await isNow(smirnov, 'В ожидании')
    await smirnov.page.locator('.history').getByText('клиент уехал').waitFor({ timeout: 30_000 })
    await check(petrov, acmesNumber)
    await pageCard(petrov, 'none', 'Acme Ltd')
    await petrov.picture('check-waiting')
    await chooseStatus(smirnov, 'В работе', 'вернулся')
    await isNow(smirnov, 'В работе')
    await check(petrov, acmesNumber)
    await pageCard(petrov, 'red', 'Acme Ltd')
    await examine(smirnov, 'company-changed')
  })

  it('lists: found by name and by number, page by page', async () => {
    const { petrov } = people
    const rows = petrov.page.locator('main tbody tr')
    for (const [list, name, number, found] of [
      ['companies', 'acme', acmesNumber, 'Acme Ltd'],
      ['contacts', 'белкина', '+7 495 000-00-12', 'Белкина Анна'],
      ['leads', 'заявка 7', '84950000025', 'Заявка 7'],
    ]) {
      await visit(petrov, `/${list}`)
      assert.equal(await rows.count(), 25, `the first page of ${list}`)
      await petrov.page.getByRole('button', { name: 'Показать ещё' }).click()
      await rows.nth(25).waitFor({ timeout: 30_000 })
      await petrov.page.evaluate(() => scrollTo(0, 0))
      for (const wanted of [name, number]) {
        await petrov.page.getByRole('searchbox', { name: 'Поиск' }).fill(wanted)
        await petrov.page.waitForFunction(() => document.querySelectorAll('main tbody tr').length < 25, null, {
          timeout: 30_000,
        })
        await rows.getByRole('link', { name: found, exact: true }).waitFor({ timeout: 30_000 })
      }
      await examine(petrov, list)
    }
    await petrov.page.getByRole('searchbox', { name: 'Поиск' }).fill('нет такого')
    await petrov.page.getByText('Ничего не найдено.').waitFor({ timeout: 30_000 })
  })

  it('contact and lead: with what is around them, and with their history', async () => {
    const { petrov } = people
    for (const [list, q, related, name] of [
      ['contacts', 'Белкина', 'Acme Ltd', 'contact'],
      ['leads', 'Повторная заявка', 'Повторный спрос', 'lead'],
    ]) {
      await visit(petrov, `/${list}`)
      await petrov.page.getByRole('searchbox', { name: 'Поиск' }).fill(q)
      await petrov.page.locator('main tbody').getByRole('link', { name: q }).first().click()
      await petrov.page.getByRole('heading', { name: 'Связанные записи' }).waitFor({ timeout: 30_000 })
      await petrov.page.locator('main').getByRole('link', { name: related }).first().waitFor()
      await petrov.page.locator('.history li').getByText('карточка заведена').first().waitFor({ timeout: 30_000 })
      await examine(petrov, name)
    }
  })

  it('statuses: the supervisor adds an entry and changes what it does to a card', async () => {
    const {
      supervisor: { page },
      supervisor,
    } = people
    await visit(supervisor, '/statuses')
    await page.getByRole('button', { name: 'Новый статус' }).click()
    await page.getByRole('textbox', { name: 'Название' }).fill('Партнёр')
    await page.getByRole('textbox', { name: 'Код' }).fill('PARTNER')
    await page.getByLabel('Карточка для других').selectOption('yellow')
    await pageCard(supervisor, 'yellow', 'Партнёр')
    await examine(supervisor, 'status-new')
    await page.getByRole('button', { name: 'Сохранить' }).click()
    const row = page.locator('main tbody tr').filter({ hasText: 'Партнёр' })
    await row.locator('.mark.yellow').waitFor({ timeout: 30_000 })
    await page.getByRole('button', { name: 'Изменить: Партнёр' }).click()
    await page.getByLabel('Карточка для других').selectOption('red')
    await page.getByLabel('Красная без защиты').waitFor()
    await page.getByLabel('Защищён').check()
    await page.getByRole('button', { name: 'Сохранить' }).click()
    await row.locator('.mark.red').waitFor({ timeout: 30_000 })
    assert.equal((await api.get('/statuses/PARTNER')).card_effect, 'red')
    await examine(supervisor, 'statuses')
  })

  it('statuses and sources: do not open for an agent', async () => {
    const { petrov } = people
    for (const path of ['/statuses', '/sources', '/sources/1']) {
      await petrov.page.goto(new URL(path, server.url).href)
      await petrov.page
        .getByRole('alert')
        .filter({ hasText: 'Ваша роль этого не позволяет.' })
        .waitFor({ timeout: 30_000 })
      assert.equal(
        await petrov.page.locator('main').getByRole('button').count(),
        0,
        `${path} offers an agent something to press`,
      )
    }
    assert.equal(await petrov.page.getByRole('link', { name: 'Статусы' }).count(), 0)
    await examine(petrov, 'statuses-agent')
  })

  it('sources: a new one shows its address and its secret once, and afterwards why it was refused', async () => {
    const {
      admin: { page },
      admin,
    } = people
    await visit(admin, '/sources')
    await page.getByRole('link', { name: 'demo', exact: true }).waitFor()
    await page.getByRole('button', { name: 'Новый источник' }).click()
    await page.getByLabel('АТС или CRM').selectOption('generic')
    await page.getByRole('textbox', { name: 'Название' }).fill('desk')
    await examine(admin, 'source-new')
    await page.getByRole('button', { name: 'Подключить' }).click()
    const secret = await page.locator('.secret').innerText()
    await page.getByText(`${server.url}/hooks/desk`).first().waitFor()
    await examine(admin, 'source-made')
    await page.getByRole('link', { name: 'Открыть источник' }).click()
    await page.locator('.secret').waitFor({ state: 'detached' }) // the dialog fades out
    await settled(page)
    assert.ok(!(await page.content()).includes(secret), 'the secret is shown a second time')

    const pbx = generic(server.url, 'desk', secret)
    const event = { event: 'ringing', call_id: 'desk-1', direction: 'out', number: '+74950000011', agent: '102' }
    assert.equal((await pbx.say(event, { signedWith: 'not the secret' })).status, 401)
    await page
      .locator('.logline.refused')
      .getByText('Подпись не совпадает: проверьте секрет.')
      .waitFor({ timeout: 30_000 })
    assert.equal((await pbx.say(event)).status, 200)
    await page.locator('.logline.understood').getByText('desk-1').first().waitFor({ timeout: 30_000 })
    assert.equal((await pbx.say({ ...event, event: 'ended' })).status, 200)
    await visit(admin, '/sources')
    const heard = page.locator('main tbody tr').filter({ hasText: 'desk' }).locator('time')
    assert.match(await heard.innerText(), /\d\d:\d\d$/)
    await examine(admin, 'sources')
  })

  it('sources: a test call shows a real card to the agent that was chosen', async () => {
    const {
      admin: { page },
      admin,
      petrov,
    } = people
    await visit(petrov, '/')
    await visit(admin, '/sources')
    await page.getByRole('link', { name: 'desk', exact: true }).click()
    await settled(page)
    await page.getByRole('textbox', { name: 'Номер', exact: true }).fill(acmesNumber)
    await page.getByRole('textbox', { name: 'Сотрудник' }).fill('petrov')
    await page.getByRole('button', { name: 'Проверочный звонок' }).click()
    await seen(petrov.page, 'Acme Ltd', { color: 'red', state: 'ringing' })
    await page.getByText('карточка на экране у petrov').waitFor({ timeout: 30_000 })
    await examine(admin, 'source')
    await examine(petrov, 'today-red')
  })

  it('today: a card that was put away before the end of its call is in the journal', async () => {
    const { petrov, admin } = people
    await seen(petrov.page, 'Acme Ltd', { color: 'red', state: 'ended', folded: true }, 20_000) // the test call ends by itself
    const { secret } = await api.post('/sources', { name: 'today', dialect: 'generic' })
    await generic(server.url, 'today', secret).say({
      event: 'ringing',
      call_id: 'today-1',
      direction: 'out',
      number: '+74950000011',
      agent: '102',
    })
    const card = await seen(petrov.page, 'Acme Ltd', { color: 'red', state: 'ringing' })
    await card.getByRole('button', { name: 'Закрыть' }).click()
    await petrov.page.getByRole('heading', { name: 'Закрытые карточки' }).waitFor({ timeout: 30_000 })
    const me = await petrov.get('/me')
    const noted = (await api.get('/journal?verb=card.put_away')).items
    assert.deepEqual(
      noted.map(({ actor, client, details }) => [actor, client.id, details.state, details.color]),
      [[me.id, acme.id, 'ringing', 'red']],
    )
    await visit(admin, `/companies/${acme.id}`)
    await admin.page.locator('.history').getByText('карточка закрыта до конца звонка').waitFor({ timeout: 30_000 })
    await examine(admin, 'company')
  })

  it('calls: a past call keeps its verdict as it was, whatever the company has become', async () => {
    const { petrov } = people
    const { version } = await api.get(`/companies/${acme.id}`)
    await api.put(`/companies/${acme.id}/status`, { status: 'WAITING', version })
    await visit(petrov, '/calls')
    await examine(petrov, 'calls')
    const row = petrov.page.locator('main tbody tr').filter({ hasText: 'Acme Ltd' }).filter({ hasText: 'desk' }).last()
    await row.getByRole('link').first().click()
    await petrov.page.getByText('Карточка при звонке', { exact: true }).waitFor({ timeout: 30_000 })
    await pageCard(petrov, 'red', 'Acme Ltd')
    await petrov.page.getByRole('button', { name: 'Проверить ещё раз' }).click()
    await pageCard(petrov, 'none', 'Acme Ltd')
    await pageCard(petrov, 'red', 'Acme Ltd')
    await examine(petrov, 'call')
  })

  it('came without a script error, an unasked line on the error console or a request to another host', () => {
    assert.deepEqual(
      Object.values(people).flatMap(({ faults }) => faults),
      [],
    )
  })
})
