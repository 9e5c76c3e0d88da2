// Our people on the screens, and what the journal says of what was done to them; a real browser against the real binary.

import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { open } from './lib/browser.mjs'
import { generic } from './lib/pbx.mjs'
import { adminsAPI, enter, signIn } from './lib/people.mjs'
import { examine, settled, visit } from './lib/screen.mjs'
import { start } from './lib/server.mjs'

describe('people and the journal', { concurrency: false }, () => {
  let server, browser, api, acme
  const people = {}

  before(async () => {
    server = await start()
    browser = await open()
    api = await adminsAPI(server)
    acme = (await api.get('/companies?q=Acme')).items[0]
    for (const login of ['petrov', 'smirnov', 'admin']) people[login] = await enter(browser, server, login)
  })

  after(async () => {
    await browser?.close()
    await server?.stop()
  })

  const panel = ({ page }, title) =>
    page.locator('section.panel').filter({ has: page.getByRole('heading', { name: title }) })
  const saved = ({ page }) => page.getByText('Сохранено').first().waitFor()

  it('users: a head reads them and can change nothing', async () => {
    const {
      smirnov,
      smirnov: { page },
    } = people
    await visit(smirnov, '/users')
    await page.getByText('руководитель: Смирнов Павел').waitFor()
    await page.getByRole('button', { name: 'Продажи, Москва' }).click()
    await page.locator('main tbody tr').filter({ hasText: 'Волкова' }).waitFor({ state: 'detached' })
    assert.equal(await page.getByRole('link', { name: 'Новый сотрудник' }).count(), 0)
    await page.getByRole('link', { name: 'Иванов Сергей' }).click()
    await page.getByText('Менять это может только администратор.').waitFor()
    assert.ok(await page.getByRole('textbox', { name: 'Имя' }).isDisabled())
    assert.equal(
      await page
        .locator('main')
        .getByRole('button', { name: /Сохранить|Уволить|Добавить|Назначить/ })
        .count(),
      0,
    )
    await examine(smirnov, 'user-read')
  })

  it('users: a new one is refused at the field, then added, and his one-time link opens the door once', async () => {
    const {
      admin,
      admin: { page },
    } = people
    await visit(admin, '/users')
    await page.getByRole('link', { name: 'Новый сотрудник' }).click()
    await page.getByRole('textbox', { name: 'Имя' }).fill('Новикова Алла')
    await page.getByRole('textbox', { name: 'Логин' }).fill('нет такого!')
    await page.getByLabel('Отдел').selectOption({ label: 'Продажи, Москва' })
    await page.getByRole('textbox', { name: 'Внутренние номера' }).fill('188, 189')
    await page.getByRole('textbox', { name: 'Свои телефоны' }).fill('8 (495) 000-00-99')
    await page.getByRole('button', { name: 'Сохранить' }).click()
    await page.getByText('неверный формат').first().waitFor()
    assert.equal(await page.getByRole('textbox', { name: 'Логин' }).getAttribute('aria-invalid'), 'true')
    admin.forgive(422)
    await examine(admin, 'user-new')
    await page.getByRole('textbox', { name: 'Логин' }).fill('novikova')
    await page.getByRole('button', { name: 'Сохранить' }).click()
    await page.getByRole('heading', { name: 'Новикова Алла' }).waitFor()
    const made = (await api.get('/users?q=novikova')).items[0]
    assert.deepEqual([made.extensions, made.phones, made.roles], [['188', '189'], ['+74950000099'], ['agent']])

    await page.getByRole('button', { name: 'Создать ссылку' }).click()
    const link = await page.locator('.secret').innerText()
    assert.ok(link.startsWith(server.url), link)
    const novikova = await signIn(browser, link)
    await novikova.page.getByText('Новикова Алла').waitFor()
    await novikova.close()
    const late = await browser.window()
    await late.page.goto(link)
    await late.page.getByText('Ссылка для входа уже использована').waitFor()
    await late.close()
  })

  it('users: named in a source, given a deputy for a period, dismissed and taken back', async () => {
    const {
      admin,
      admin: { page },
    } = people
    const identities = panel(admin, 'Имена в источниках')
    await identities.getByLabel('Источник').selectOption('demo')
    await identities.getByRole('textbox', { name: 'Имя в АТС или CRM' }).fill('alla@pbx')
    await identities.getByRole('button', { name: 'Добавить' }).click()
    await identities.getByText('alla@pbx').waitFor()
    const deputies = panel(admin, 'Заместители')
    await deputies.getByLabel('Заместитель').selectOption({ label: 'Петров Андрей' })
    await deputies.getByLabel('С', { exact: false }).last().waitFor()
    await deputies.locator('input[type=datetime-local]').first().fill('2026-01-10T09:00')
    await deputies.locator('input[type=datetime-local]').last().fill('2026-01-09T09:00')
    await deputies.getByRole('button', { name: 'Назначить' }).click()
    await deputies.getByRole('alert').waitFor()
    admin.forgive(422)
    await deputies.locator('input[type=datetime-local]').last().fill('2099-01-09T09:00')
    await deputies.getByRole('button', { name: 'Назначить' }).click()
    await deputies.locator('li').filter({ hasText: 'Петров Андрей' }).filter({ hasText: 'сейчас' }).waitFor()
    await examine(admin, 'user')
    await page.getByRole('button', { name: 'Уволить', exact: true }).click()
    await page.getByRole('button', { name: 'Да, уволить' }).click()
    await page.getByRole('heading', { name: 'Новикова Алла (уволен)' }).waitFor()
    await page.getByRole('button', { name: 'Восстановить' }).click()
    await page.getByRole('heading', { name: 'Новикова Алла', exact: true }).waitFor()
  })

  it('departments: one is added under another with a head, renamed, refused into a circle, and removed', async () => {
    const {
      admin,
      admin: { page },
    } = people
    await visit(admin, '/users')
    await page.getByRole('button', { name: 'Новый отдел' }).click()
    const form = page.locator('form.inset')
    await form.getByRole('textbox', { name: 'Название' }).fill('Новосибирск')
    await form.getByLabel('Входит в').selectOption({ label: 'Продажи, регионы' })
    await form.getByLabel('Руководитель').selectOption({ label: 'Морозова Ольга' })
    await form.getByRole('button', { name: 'Сохранить' }).click()
    await page.locator('.twig').filter({ hasText: 'Новосибирск' }).getByText('руководитель: Морозова Ольга').waitFor()
    await examine(admin, 'users')
    await page.getByRole('button', { name: 'Изменить: Продажи, регионы' }).click()
    await form.getByLabel('Входит в').selectOption({ label: 'Новосибирск' })
    await form.getByRole('button', { name: 'Сохранить' }).click()
    await form.getByText('получается круг').waitFor()
    admin.forgive(422)
    await form.getByRole('button', { name: 'Отмена' }).click()
    await page.getByRole('button', { name: 'Изменить: Новосибирск' }).click()
    await form.getByRole('button', { name: 'Удалить' }).click()
    await saved(admin)
    await page.locator('.twig').filter({ hasText: 'Новосибирск' }).waitFor({ state: 'detached' })
  })

  it('journal: says in words what was done, by whom and to whom', async () => {
    const {
      admin,
      admin: { page },
      petrov,
    } = people
    await petrov.page.request.put(`${server.url}/api/v1/companies/${acme.id}/status`, {
      data: { status: 'WAITING', version: acme.version },
    })
    await api.put(`/companies/${acme.id}/status`, {
      status: 'WAITING',
      version: acme.version,
      reason: 'договор закрыт',
    })
    const { secret } = await api.post('/sources', { name: 'e2e', dialect: 'generic' })
    await generic(server.url, 'e2e', secret).say({
      event: 'ringing',
      call_id: 'j1',
      direction: 'out',
      number: '+74950000011',
      agent: '102',
    })
    await visit(admin, '/journal')
    const line = (...words) =>
      words.reduce((rows, word) => rows.filter({ hasText: word }), page.locator('main tbody tr'))
    for (const words of [
      ['Администратор', 'статус изменён', 'Acme Ltd', 'В работе → В ожидании', 'договор закрыт'],
      ['Петров', 'правка отклонена', 'Acme Ltd', 'может только руководитель ответственного'],
      ['карточка показана', 'Петров', 'Acme Ltd', 'Обычная'],
      ['звонок начался', 'Acme Ltd', '+7 495 000-00-11'],
      ['Администратор', 'отдел добавлен', 'Новосибирск'],
      ['данные сотрудника изменены', 'Новикова', 'работает: да → нет'],
      ['назначен заместитель', 'Новикова', 'Петров Андрей, с 10 янв. 2026'],
      ['источник подключён', 'e2e', 'generic'],
    ])
      await line(...words)
        .first()
        .waitFor()
    assert.doesNotMatch(
      await page.locator('main tbody').innerText(),
      /[{}]|\b(company|user|department)\.\w/,
      'JSON or a bare verb',
    )
    await examine(admin, 'journal')
  })

  it('journal: is filtered by client, actor and verb, and the filter is in the address', async () => {
    const {
      admin,
      admin: { page },
    } = people
    const rows = page.locator('main tbody tr')
    const all = await rows.count()
    await page.getByRole('combobox', { name: 'Клиент' }).fill('acme')
    await page.getByRole('option', { name: 'Acme Ltd · Компания' }).click()
    await page.waitForURL((url) => url.searchParams.get('client') === `company:${acme.id}`)
    await page.waitForFunction((many) => document.querySelectorAll('main tbody tr').length < many, all)
    for (const text of await rows.allInnerTexts()) assert.match(text, /Acme Ltd/)
    await page.getByLabel('Сотрудник').selectOption({ label: 'Петров Андрей' })
    await page.getByLabel('Событие').selectOption({ label: 'правка отклонена: нет права' })
    await rows.nth(1).waitFor({ state: 'detached' })
    assert.match(await rows.first().innerText(), /Петров Андрей[\s\S]*правка отклонена/)
    await page.reload()
    await settled(page)
    assert.equal(await rows.count(), 1, 'the address keeps the filter')
    assert.equal(await page.getByRole('combobox', { name: 'Клиент' }).inputValue(), 'Acme Ltd · Компания')
    await examine(admin, 'journal-filtered')
    await page.locator('input[type=datetime-local]').last().fill('2020-01-01T00:00')
    await page.getByText('Ничего не найдено.').waitFor()
    await page.getByRole('button', { name: 'Сбросить фильтры' }).click()
    await rows.nth(5).waitFor()
  })

  it('journal: is reached from a client’s page, and does not open for an agent', async () => {
    const { smirnov, petrov } = people
    await visit(smirnov, `/companies/${acme.id}`)
    await smirnov.page.getByRole('link', { name: 'Все записи журнала об этом клиенте' }).click()
    await smirnov.page.locator('main tbody tr').filter({ hasText: 'договор закрыт' }).waitFor()
    await petrov.page.goto(`${server.url}/journal`)
    await petrov.page.getByRole('alert').filter({ hasText: 'Ваша роль этого не позволяет.' }).waitFor()
  })

  it('came without a script error, an unasked line on the error console or a request to another host', () => {
    assert.deepEqual(
      Object.values(people).flatMap(({ faults }) => faults),
      [],
    )
  })
})
