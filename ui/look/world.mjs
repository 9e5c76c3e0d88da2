// A small invented world behind the API, for photographs of the screens.

import { cards } from './cards.mjs'

const ago = (minutes) => new Date(Date.now() - minutes * 60_000).toISOString()
const people = {
  petrov: { id: 18, login: 'petrov', name: 'Петров Алексей', extension: '104', active: true },
  ivanov: { id: 17, login: 'ivanov', name: 'Иванов Пётр', extension: '101', active: true },
  smith: { id: 21, login: 'smith', name: 'Alice Smith', extension: '204', active: true },
  gone: { id: 22, login: 'gone', name: 'Котова Ирина', extension: '', active: false },
}
const status = (code, name, sort, color, card_effect, is_protected, is_default) => ({
  id: sort,
  code,
  name,
  sort,
  color,
  card_effect,
  is_protected,
  is_default,
  is_system: sort < 30,
  active: true,
  version: 1,
})
const statuses = [
  status('WAITING', 'В ожидании', 10, '#868e96', 'banner', false, true),
  status('IN_WORK', 'В работе', 20, '#c4001d', 'red', true, false),
  status('CLIENT', 'Клиент', 30, '#2b8a3e', 'red', true, false),
  status('PAUSED', 'Приостановлено', 40, '#f08c00', 'yellow', false, false),
]
const phone = (last) => ({ value: `+7495000${last}`, e164: `+7495000${last}`, kind: 'work', since: ago(90_000) })
const company = (id, name, owner, code, ...phones) => ({
  id,
  name,
  owner,
  owner_id: owner?.id ?? null,
  status: statuses.find((s) => s.code === code),
  phones: phones.map(phone),
  emails: [`info@company${id}.example`],
  team_ids: [],
  version: 3,
  created_at: ago(500_000 + id),
})
const companies = [
  company(310, 'ООО «Вектор»', people.ivanov, 'IN_WORK', '0011', '0012', '0013'),
  company(311, 'Acme Industrial Supplies and Logistics Ltd', people.smith, 'WAITING', '0021'),
  company(
    312,
    'Акционерное общество «Производственно-строительная компания „Северо-Запад“»',
    people.gone,
    'CLIENT',
    '0031',
  ),
  company(313, 'Northwind', null, 'PAUSED'),
]
const contacts = [
  {
    id: 55,
    name: 'Сидорова Анна Викторовна',
    owner: people.ivanov,
    owner_id: 17,
    phones: [phone('0041')],
    emails: [],
    company_ids: [310],
    companies: [{ id: 310, name: 'ООО «Вектор»' }],
    version: 1,
    created_at: ago(3000),
  },
  {
    id: 56,
    name: 'Maria Cole',
    owner: people.smith,
    owner_id: 21,
    phones: [],
    emails: [],
    company_ids: [],
    companies: [],
    version: 1,
    created_at: ago(4000),
  },
]
const leads = [
  {
    id: 9,
    name: 'Заявка с сайта № 7',
    title: 'Доставка в регион',
    owner: people.smith,
    owner_id: 21,
    phones: [phone('0051')],
    emails: [],
    stage: 'new',
    company: null,
    version: 1,
    created_at: ago(30),
  },
]
const verdicts = Object.values(cards).map(({ card }) => card.verdict)
const calls = verdicts.map((verdict, i) => ({
  id: 100 - i,
  source: 'office',
  call_id: `abc-${i}`,
  direction: i % 2 ? 'in' : 'out',
  state: i ? 'ended' : 'talking',
  result: i ? ['answered', 'missed', 'busy'][i % 3] : '',
  number: { raw: `+749500000${10 + i}`, e164: `+749500000${10 + i}`, kind: 'external', extension: '' },
  line: '+74950000001',
  started_at: ago(3 + i * 17),
  answered_at: ago(2 + i * 17),
  ended_at: i ? ago(1 + i * 17) : null,
  duration: i ? 7 + i * 31 : 0,
  recording_url: '',
  note: '',
  agents: [
    {
      agent: people.petrov,
      name: '104',
      state: 'ended',
      verdict,
      subject: Object.values(cards)[i].card.subject ?? null,
    },
  ],
}))
const sources = [
  {
    id: 1,
    name: 'office',
    dialect: 'generic',
    active: true,
    url: 'https://callhue.example/hooks/office',
    paste: ['X-Callhue-Signature: t=<unix>,v1=<hex>'],
    files: [],
    link: null,
  },
  {
    id: 2,
    name: 'cloud-pbx',
    dialect: 'itoolabs',
    active: true,
    url: 'https://callhue.example/hooks/cloud-pbx/SECRET',
    paste: ['crm_token'],
    files: [],
    link: { state: 'failed', why: 'crm_unreachable' },
  },
  {
    id: 3,
    name: 'portal',
    dialect: 'bitrix24-sync',
    active: true,
    url: 'https://callhue.example/bitrix24/install/portal',
    paste: ['Developer resources > Other > Local application'],
    files: [],
    heard_at: ago(3),
    link: { state: 'connected' },
  },
]
const sync = {
  state: 'importing',
  portal: { name: 'acme.portal.example', url: 'https://acme.portal.example', user: 'Орлов Олег' },
  error: { code: 'crm_unreachable', text: '', at: ago(12) },
  import: { phase: 'contacts', done: 4350, total: 12000, started_at: ago(9), finished_at: null },
  counts: [
    ['user', 40, 12, 3],
    ['company', 5200, 5100, 12],
    ['contact', 4350, 4349, 0],
    ['lead', 0, 0, 0],
  ].map(([kind, linked, added, changed]) => ({ kind, linked, added, changed })),
  queue: 17,
  caught_up_at: null,
  conflicts: 2,
}
const entries = ['В работе', 'Клиент', 'Архив'].map((name, i) => ({ value: String(45 + i), name }))
const mapping = {
  version: 1,
  kinds: ['company', 'contact', 'lead'],
  owners: 'guarded',
  make_users: true,
  status_field: 'UF_CRM_STATUS',
  status_fields: [
    { code: 'UF_CRM_STATUS', name: 'Статус компании', entries },
    { code: 'COMPANY_TYPE', name: 'Тип компании', entries: [] },
  ],
  statuses: entries.map((entry, i) => ({ ...entry, status: i ? '' : 'IN_WORK' })),
  users: [
    ['1', 'Орлов Олег', 'orlov@portal.example', '', true, null, 'none'],
    ['2', 'Петров Алексей', 'petrov@portal.example', '104', true, { id: 18, name: 'Петров Алексей' }, 'email'],
    ['3', 'Котова Ирина', '', '', false, { id: 22, name: 'Котова Ирина' }, 'name'],
  ].map(([id, name, email, extension, active, user, how]) => ({ id, name, email, extension, active, user, how })),
  stages: [
    ['NEW', 'Новая заявка', 'new'],
    ['CONVERTED', 'Качественный лид', 'converted'],
  ].map(([value, name, stage]) => ({ value, name, stage })),
}
const conflicts = [
  {
    id: 1,
    kind: 'company',
    their_id: '77',
    their_url: 'https://acme.portal.example/crm/company/details/77/',
    record: { kind: 'company', id: 310, name: 'ООО «Вектор»' },
    what: 'owner',
    code: 'owner_change_forbidden',
    ours: 'Иванов Пётр',
    theirs: 'Петров Алексей',
    by: 'Петров Алексей',
    at: ago(40),
  },
  {
    id: 2,
    kind: 'contact',
    their_id: '91',
    their_url: '',
    record: null,
    what: 'invalid',
    code: 'invalid_number',
    ours: '',
    theirs: '+7 495 0',
    by: '',
    at: ago(400),
  },
]
const said = { event: 'ringing', call_id: 'abc-1', direction: 'out', number: '+74950000011', agent: '101' }
const log = [
  {
    id: 3,
    at: ago(2),
    method: 'POST',
    path: '/hooks/office',
    status: 200,
    refused: '',
    understood: { events: [said] },
    body: '{"event":"ringing","call_id":"abc-1","number":"+74950000011"}',
  },
  {
    id: 2,
    at: ago(5),
    method: 'POST',
    path: '/hooks/office',
    status: 401,
    refused: 'wrong_signature',
    understood: null,
    body: '{"event":"ringing"}',
  },
  {
    id: 1,
    at: ago(9),
    method: 'POST',
    path: '/hooks/office',
    status: 200,
    refused: '',
    understood: { ignored: 'unknown event "voicemail"' },
    body: '',
  },
]
const page = (items) => ({ items, next_page_token: '' })
const related = {
  companies: [],
  contacts: contacts.slice(0, 1),
  leads,
  calls: calls.slice(1, 4).map(({ agents, ...call }) => ({
    ...call,
    number: call.number.e164,
    agent: agents[0].agent.name,
    color: agents[0].verdict.color,
  })),
}
const history = [
  {
    id: 9,
    at: ago(60),
    actor: 18,
    verb: 'change.refused',
    details: { deed: 'status', code: 'status_change_forbidden' },
  },
  {
    id: 8,
    at: ago(100),
    actor: 17,
    verb: 'company.status',
    details: { old: 'WAITING', new: 'IN_WORK', reason: 'договор подписан' },
  },
  { id: 6, at: ago(5000), actor: 17, verb: 'numbers.changed', details: { old: [], new: ['+74950000013'] } },
  { id: 5, at: ago(9000), actor: 21, verb: 'record.added', details: { name: 'ООО «Вектор»' } },
]

/** The answer of a route as [status, body]; undefined when there is no such route. `lang` is the user's. */
export function answer(method, path, lang, live) {
  const me = { ...people.petrov, roles: ['agent', 'supervisor', 'admin'], department_id: 1, language: lang, teams: [1] }
  const found = (list, id) => [200, list.find((row) => row.id === Number(id))]
  const rows = { companies, contacts, leads }
  if (method === 'PUT' && /^\/companies\/\d+\/status$/.test(path))
    return [403, { type: 'about:blank', code: 'status_change_forbidden' }]
  if (method === 'POST' && path === '/check') return [200, { ...cards['red-ringing-ru'].card, call: null }]
  if (method !== 'GET') return undefined
  if (path === '/me') return [200, me]
  if (path === '/users')
    return [
      200,
      page(Object.values(people).map((user) => ({ ...user, roles: ['agent'], department_id: 1, language: 'ru' }))),
    ]
  if (path === '/cards') return [200, page(live)]
  if (path === '/statuses') return [200, page(statuses)]
  if (path === '/calls') return [200, page(calls)]
  if (path === '/sources') return [200, page(sources)]
  if (path === '/sources/1/log') return [200, page(log)]
  if (path === '/sources/3/sync') return [200, sync]
  if (path === '/sources/3/sync/mapping') return [200, mapping]
  if (path === '/sources/3/sync/conflicts') return [200, page(conflicts)]
  if (path === '/asks/count') return [200, { open: 2 }]
  if (path === '/calls/dial') return [200, { extension: '104', sources: ['office', 'cloud-pbx'], why: '' }]
  const [, folder, id] = path.split('/')
  if (folder === 'calls') return found(calls, id)
  if (folder === 'clients') return [200, { client: companies[0], related, history }]
  if (rows[folder]) return id ? found(rows[folder], id) : [200, page(rows[folder])]
  return undefined
}
