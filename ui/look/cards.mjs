// Cards for the screenshots: one per meaning, Russian and English, with the
// long names that break layouts. Names and numbers are invented.

const ivanov = { id: 17, name: 'Иванов Пётр', extension: '101', active: true }
const smith = { id: 21, name: 'Alice Smith', extension: '204', active: true }
const number = { raw: '8 (495) 000-00-11', e164: '+74950000011', kind: 'external', extension: '' }
const uk = { raw: '07700 900123', e164: '+447700900123', kind: 'external', extension: '' }
const agent = { id: 18, login: 'petrov', name: 'Петров' }
const ago = (seconds) => new Date(Date.now() - seconds * 1000).toISOString()
const call = (state, direction = 'out') => ({
  id: 7,
  source: 'office',
  call_id: 'abc-1',
  direction,
  state,
  started_at: ago(230),
  answered_at: state === 'ringing' ? null : ago(222),
  ended_at: state === 'ended' ? ago(14) : null,
})
const verdict = (color, why, relation, title, text, banner = false) => ({
  color,
  why,
  relation,
  title,
  text,
  banner,
  policy: 3,
  decided_at: '2026-03-12T12:16:04Z',
})
const company = (name, owner, status) => ({ kind: 'company', id: 310, name, owner, status, url: '/companies/310' })
const inWork = { code: 'IN_WORK', name: 'В работе' }
const waiting = { code: 'WAITING', name: 'В ожидании' }

export const cards = {
  'red-ringing-ru': {
    lang: 'ru',
    card: {
      call: call('ringing'),
      number,
      agent,
      verdict: verdict(
        'red',
        'foreign_in_work',
        'foreign',
        'Клиент Иванова, в работе',
        'Не работайте с этим клиентом. Передайте звонок ответственному.',
      ),
      subject: company('ООО «Вектор»', ivanov, inWork),
      matches: [
        company('ООО «Вектор»', ivanov, inWork),
        {
          kind: 'contact',
          id: 55,
          name: 'Сидорова Анна Викторовна',
          owner: ivanov,
          company: { id: 310, name: 'ООО «Вектор»' },
          via: 'contact',
          since: '2026-01-10T09:00:00Z',
        },
        {
          kind: 'lead',
          id: 56,
          name: 'Заявка с сайта № 7',
          owner: smith,
          via: 'direct',
          since: '2026-02-10T09:00:00Z',
        },
      ],
      matches_total: 5,
      actions: ['pass_to_owner', 'ask_permit', 'open'],
    },
  },
  'red-talking-en': {
    lang: 'en',
    card: {
      call: call('talking'),
      number: uk,
      agent,
      verdict: verdict(
        'red',
        'foreign_in_work',
        'foreign',
        'Alice Smith works with this client',
        'Do not work this client. Pass the call to the owner.',
      ),
      subject: company('Acme Industrial Supplies and Logistics Ltd', smith, { code: 'IN_WORK', name: 'In work' }),
      actions: ['pass_to_owner', 'ask_permit', 'open'],
    },
  },
  'red-head-left-ru': {
    lang: 'ru',
    card: {
      call: call('talking', 'in'),
      number,
      agent,
      verdict: verdict(
        'red',
        'owner_inactive',
        'supervisor',
        'Ответственный уволен',
        'Вы руководитель отдела: назначьте нового ответственного.',
      ),
      subject: company(
        'Акционерное общество «Производственно-строительная компания „Северо-Запад“»',
        { ...ivanov, active: false },
        inWork,
      ),
      actions: ['open'],
    },
  },
  'yellow-ru': {
    lang: 'ru',
    card: {
      call: call('talking', 'in'),
      number: { ...number, extension: '12' },
      agent,
      verdict: verdict(
        'yellow',
        'contact_foreign_free',
        'foreign',
        'Контакт компании «Ноль»',
        'Ответственный — Смирнова. Спросите её, прежде чем предлагать.',
      ),
      subject: {
        kind: 'contact',
        id: 55,
        name: 'Кузнецова Мария',
        owner: { id: 22, name: 'Смирнова', extension: '205', active: true },
        status: waiting,
        company: { id: 4, name: 'Ноль' },
        url: '/contacts/55',
      },
      actions: ['open'],
    },
  },
  'blue-en': {
    lang: 'en',
    card: {
      call: call('ringing', 'in'),
      number: uk,
      agent,
      verdict: verdict(
        'blue',
        'lead_only',
        'foreign',
        'Known only among leads',
        'The lead belongs to Alice Smith, stage “new”.',
      ),
      subject: { kind: 'lead', id: 9, name: 'Website request 7', owner: smith, url: '/leads/9' },
      actions: ['open'],
    },
  },
  'own-ru': {
    lang: 'ru',
    card: {
      call: call('talking'),
      number,
      agent,
      verdict: verdict('none', 'own', 'own', 'Ваш клиент', 'Можно работать.'),
      subject: company('ООО «Дельта»', agent, inWork),
      actions: ['open'],
    },
  },
  'banner-en': {
    lang: 'en',
    card: {
      call: call('ringing'),
      number: uk,
      agent,
      verdict: verdict(
        'none',
        'foreign_free',
        'foreign',
        'Alice Smith’s client, waiting',
        'Ask the owner’s head before working with this company.',
        true,
      ),
      subject: company('Northwind', smith, { code: 'WAITING', name: 'Waiting' }),
      actions: ['open'],
    },
  },
  'unknown-ru': {
    lang: 'ru',
    card: {
      call: call('ringing', 'in'),
      number,
      agent,
      verdict: verdict('none', 'unknown', 'none', 'Неизвестный номер', 'Заведите лид или контакт.'),
      actions: ['create_lead', 'create_contact'],
    },
  },
  'internal-en': {
    lang: 'en',
    card: {
      call: call('ringing', 'in'),
      number: { raw: '104', e164: '', kind: 'internal', extension: '104' },
      agent,
      verdict: verdict('none', 'internal', 'none', 'Alice Smith', 'An internal call.'),
    },
  },
  'grey-ru': {
    lang: 'ru',
    card: {
      call: call('ringing'),
      number,
      agent,
      verdict: verdict(
        'grey',
        'check_failed',
        'none',
        'Проверка не выполнена',
        'База не ответила вовремя. Это не значит, что клиент свободен: проверяем ещё раз.',
      ),
    },
  },
  'grey-en': {
    lang: 'en',
    card: {
      call: call('ringing'),
      number: uk,
      agent,
      verdict: verdict(
        'grey',
        'check_failed',
        'none',
        'The check was not done',
        'The database did not answer in time. This does not mean that the client is free.',
      ),
    },
  },
  'ended-ru': {
    lang: 'ru',
    card: {
      call: call('ended'),
      number,
      agent,
      verdict: verdict(
        'red',
        'foreign_in_work',
        'foreign',
        'Клиент Иванова, в работе',
        'Не работайте с этим клиентом.',
      ),
      subject: company('ООО «Вектор»', ivanov, inWork),
      actions: ['open'],
    },
  },
  'elsewhere-en': {
    lang: 'en',
    card: {
      call: call('ended', 'in'),
      number: uk,
      agent,
      verdict: verdict('yellow', 'answered_elsewhere', 'none', 'Answered by a colleague', ''),
      subject: { kind: 'contact', id: 5, name: 'Maria Cole', owner: smith },
    },
  },
}
