// Photographs every screen of the built app over an invented world, behind a
// CSP without inline script and style. Same verdicts as look/look.mjs.
//
//   npm run build && npm run look:screens        -> look/out/screen-*.png

import { mkdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { csp, inspect, judge, launch, watched } from './browser.mjs'
import { cards } from './cards.mjs'
import { answer } from './world.mjs'

const dist = new URL('../dist/', import.meta.url)
const out = new URL('out/', import.meta.url)
const types = { js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml', html: 'text/html' }
const problems = []
let lang = 'ru'
let live = []
let signedIn = true

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, 'http://x')
  if (pathname === '/api/v1/live') {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('retry: 1000\n\nevent: ping\ndata: {}\n\n')
    return
  }
  if (pathname.startsWith('/api/v1')) {
    const [status, body] = signedIn
      ? (answer(request.method, pathname.slice(7), lang, live) ?? [404, { code: 'missing' }])
      : [401, { code: 'not_signed_in' }]
    response.writeHead(status, { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' })
    response.end(JSON.stringify(body))
    return
  }
  const file = /\.\w+$/.test(pathname) ? pathname.slice(1) : 'index.html'
  response.writeHead(200, {
    'content-type': `${types[file.split('.').pop()]}; charset=utf-8`,
    'content-security-policy': csp,
  })
  response.end(await readFile(new URL(file, dist)))
}).listen(0, '127.0.0.1')
await new Promise((ready) => server.once('listening', ready))
const address = `http://127.0.0.1:${server.address().port}`

const desk = { width: 1360, height: 860 }
const phone = { width: 360, height: 740 }
const tv = { width: 1920, height: 1080 }
const red = cards['red-ringing-ru'].card
const own = { ...cards['own-ru'].card, call: { ...cards['own-ru'].card.call, id: 6 } }
const over = { ...cards['ended-ru'].card, call: { ...cards['ended-ru'].card.call, id: 5 } }

const shots = [
  ['signin', '/signin', { ...desk, signedOut: true }],
  ['signin-phone', '/signin', { ...phone, signedOut: true, language: 'en' }],
  ['today', '/', { ...desk, live: [red, over] }],
  ['today-two', '/', { ...desk, live: [red, own], scheme: 'dark' }],
  ['today-quiet', '/', { ...desk, language: 'en' }],
  ['today-phone', '/', { ...phone, live: [red] }],
  ['today-tv', '/', { ...tv, live: [red] }],
  ['check', '/check?number=84950000011', { ...desk, language: 'en' }],
  ['check-phone', '/check?number=84950000011', phone],
  ['companies', '/companies', { ...desk, live: [own] }],
  ['companies-phone', '/companies', phone],
  ['companies-dark', '/companies', { ...desk, scheme: 'dark', language: 'en' }],
  ['company', '/companies/310', desk],
  ['company-phone', '/companies/310', { ...phone, language: 'en' }],
  ['company-refused', '/companies/310', { ...desk, act: refuseStatus }],
  ['company-edit', '/companies/310', { ...desk, act: (tab) => tab.getByRole('button', { name: 'Изменить' }).click() }],
  ['contact', '/contacts/55', desk],
  ['contacts', '/contacts', desk],
  ['lead', '/leads/9', { ...desk, scheme: 'dark' }],
  ['leads', '/leads', desk],
  ['lead-new', '/leads/new?number=%2B74950000011', phone],
  ['statuses', '/statuses', { ...desk, act: (tab) => tab.getByRole('button', { name: 'Изменить: В работе' }).click() }],
  ['statuses-phone', '/statuses', { ...phone, language: 'en' }],
  ['sources', '/sources', desk],
  ['source', '/sources/1', desk],
  ['source-phone', '/sources/1', { ...phone, scheme: 'dark' }],
  ['sync', '/sources/3', desk],
  ['sync-phone', '/sources/3', { ...phone, language: 'en' }],
  ['sync-mapping', '/sources/3?tab=mapping', desk],
  ['sync-mapping-phone', '/sources/3?tab=mapping', { ...phone, scheme: 'dark' }],
  ['sync-conflicts', '/sources/3?tab=conflicts', desk],
  ['calls', '/calls', desk],
  ['call', '/calls/100', desk],
  ['call-phone', '/calls/100', phone],
  ['missing', '/nowhere', desk],
]

async function refuseStatus(tab) {
  await tab.getByLabel('Новый статус').selectOption('WAITING')
  await tab.getByRole('button', { name: 'Сменить статус' }).click()
  await tab.getByRole('alert').first().waitFor()
}

await mkdir(out, { recursive: true })
const browser = await launch()
try {
  const only = process.argv.slice(2)
  for (const [name, path, options] of shots) {
    if (only.length && !only.includes(name)) continue
    ;({ language: lang = 'ru', live = [] } = options)
    signedIn = !options.signedOut
    const found = []
    const tab = await watched(browser, name, { ...options, locale: lang === 'ru' ? 'ru-RU' : 'en-GB' }, found)
    await tab.goto(address + path)
    await tab.getByRole('main').waitFor()
    await tab.waitForTimeout(400)
    await options.act?.(tab)
    await tab.waitForTimeout(150)
    await inspect(tab, name, found)
    await tab.screenshot({ path: new URL(`screen-${name}.png`, out).pathname, fullPage: true })
    // The refusals on purpose are errors of the network, not of the page.
    problems.push(...found.filter((line) => !(options.act === refuseStatus && line.includes('403'))))
    await tab.context().close()
  }
} finally {
  await browser.close()
  server.close()
  server.closeAllConnections()
}
judge(problems)
