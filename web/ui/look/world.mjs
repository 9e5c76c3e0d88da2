// A small invented world behind the API, for photographs of the screens.

import { cards } from './cards.mjs'

const ago = (minutes) => new Date(Date.now() - minutes * 60_000).toISOString()
const people = {
  petrov: { id: 18, login: 'petrov', name: 'Петров Алексей', extension: '104', active: true },
  ivanov: { id: 17, login: 'ivanov', name: 'Иванов Пётр', extension: '101', active: true },
  smith: { id: 21, login: 'smith', name: 'Alice Smith', extension: '204', active: true },
  gone: { id: 22, login: 'gone', name: 'Котова Ирина', extension: '', active: false },
}
const status = (code, name, sort, color, card_effect, is_protected, is_default) => ({ code, name, sort, color, card_effect, is_protected, is_default, active: true, version: 1 })
const statuses = [
  status('WAITING', 'В ожидании', 10, '#868e96', 'banner', false, true),
  status('IN_WORK', 'В работе', 20, '#c4001d', 'red', true, false),
  status('CLIENT', 'Клиент', 30, '#2b8a3e', 'red', true, false),
  status('PAUSED', 'Приостановлено', 40, '#f08c00', 'yellow', false, false),
]
const phone = (last) => ({ value: `+7495000${last}`, e164: `+7495000${last}`, kind: 'work', since: ago(90_000) })
const company = (id, name, owner, code, ...phones) => ({
  id, name, owner, owner_id: owner?.id ?? null, status: statuses.find((s) => s.code === code), phones: phones.map(phone), emails: [`info@company${id}.example`], team_ids: [], version: 3, created_at: ago(500_000 + id),
})
const companies = [
  company(310, 'ООО «Вектор»', people.ivanov, 'IN_WORK', '0011', '0012', '0013'),
  company(311, 'Acme Industrial Supplies and Logistics Ltd', people.smith, 'WAITING', '0021'),
  company(312, 'Акционерное общество «Производственно-строительная компания „Северо-Запад“»', people.gone, 'CLIENT', '0031'),
  company(313, 'Northwind', null, 'PAUSED'),
]
const contacts = [
  { id: 55, name: 'Сидорова Анна Викторовна', owner: people.ivanov, owner_id: 17, phones: [phone('0041')], emails: [], company_ids: [310], companies: [{ id: 310, name: 'ООО «Вектор»' }], version: 1, created_at: ago(3000) },
  { id: 56, name: 'Maria Cole', owner: people.smith, owner_id: 21, phones: [], emails: [], company_ids: [], companies: [], version: 1, created_at: ago(4000) },
]
const leads = [{ id: 9, name: 'Заявка с сайта № 7', title: 'Доставка в регион', owner: people.smith, owner_id: 21, phones: [phone('0051')], emails: [], stage: 'new', company: null, version: 1, created_at: ago(30) }]
const verdicts = Object.values(cards).map(({ card }) => card.verdict)
const calls = verdicts.map((verdict, i) => ({
  id: 100 - i, source: 'office', call_id: `abc-${i}`, direction: i % 2 ? 'in' : 'out', state: i ? 'ended' : 'talking', result: i ? ['answered', 'missed', 'busy'][i % 3] : '',
  number: `+749500000${10 + i}`, line: '+74950000001', started_at: ago(3 + i * 17), answered_at: ago(2 + i * 17), ended_at: i ? ago(1 + i * 17) : null, duration: i ? 7 + i * 31 : null, recording_url: '',
  agents: [{ agent: people.petrov, state: 'ended', verdict }],
}))
const sources = [
  { id: 1, name: 'office', dialect: 'generic', active: true, last_request_at: ago(2) },
  { id: 2, name: 'cloud-pbx', dialect: 'itoolabs', active: true, last_request_at: null },
]
const log = [
  { id: 3, at: ago(2), method: 'POST', path: '/hooks/office', outcome: 'understood', why: '', understood: 'ringing abc-1, out, +7 495 000-00-11, agent 101', body: '{"event":"ringing","call_id":"abc-1","number":"+74950000011"}' },
  { id: 2, at: ago(5), method: 'POST', path: '/hooks/office', outcome: 'refused', why: 'signature does not match the body', understood: '', body: '{"event":"ringing"}' },
  { id: 1, at: ago(9), method: 'POST', path: '/hooks/office', outcome: 'ignored', why: 'unknown event "voicemail"', understood: '', body: '' },
]
const page = (items) => ({ items, next_page_token: '' })
const related = { companies: [], contacts: contacts.slice(0, 1), leads, calls: calls.slice(1, 4).map(({ agents, ...call }) => ({ ...call, agent: agents[0].agent.name, color: agents[0].verdict.color })) }
const history = [
  { id: 8, at: ago(100), actor: people.ivanov, verb: 'company_status_changed', words: 'статус «В ожидании» → «В работе»' },
  { id: 5, at: ago(9000), actor: people.smith, verb: 'company_added', words: 'компания заведена' },
]

/** The answer of a route as [status, body]; undefined when there is no such route. `lang` is the user's. */
export function answer(method, path, lang, live) {
  const me = { ...people.petrov, roles: ['agent', 'supervisor', 'admin'], department_id: 1, language: lang }
  const found = (list, id) => [200, list.find((row) => row.id === Number(id))]
  const rows = { companies, contacts, leads }
  if (method === 'PUT' && /^\/companies\/\d+\/status$/.test(path)) return [403, { type: 'about:blank', code: 'status_change_forbidden' }]
  if (method === 'POST' && path === '/check') return [200, { ...cards['red-ringing-ru'].card, call: null }]
  if (method !== 'GET') return undefined
  if (path === '/me') return [200, me]
  if (path === '/cards') return [200, page(live)]
  if (path === '/statuses') return [200, page(statuses)]
  if (path === '/calls') return [200, page(calls)]
  if (path === '/sources') return [200, page(sources)]
  if (path === '/sources/1/log') return [200, page(log)]
  const [, folder, id, tail] = path.split('/')
  if (folder === 'calls') return tail ? [200, cards['red-talking-en'].card] : found(calls, id)
  if (folder === 'clients') return [200, { related, history }]
  if (rows[folder]) return id ? found(rows[folder], id) : [200, page(rows[folder])]
  return undefined
}
