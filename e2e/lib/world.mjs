// What the card tests need beside the demo data: two PBXs, a client in work who belongs to Ivanov, and a number for it.

import { randomBytes } from 'node:crypto'
import { generic, itoolabs } from './pbx.mjs'

const owner = { login: 'e2e-ivanov', name: 'Иванов Пётр', extension: '7901' }
const admin = { login: 'e2e-admin', name: 'Test Admin' }

/**
 * Makes Ivanov, an admin with a token, a source of each dialect and Ivanov's company in work. `agent` is the user who
 * must see red: he gets a login in the itoolabs PBX, the generic one knows him by his extension.
 */
export async function furnish(server, agent) {
  const { callhue } = server
  await callhue('user', 'add', '--login', admin.login, '--name', admin.name, '--roles', 'admin')
  const { token } = await callhue('token', 'add', '--login', admin.login, '--name', 'e2e')
  const api = server.as(token)

  const ivanov = await callhue(
    'user',
    'add',
    '--login',
    owner.login,
    '--name',
    owner.name,
    '--roles',
    'agent',
    '--extension',
    owner.extension,
  )
  const { link } = await callhue('user', 'link', '--login', owner.login, '--public-url', server.url)

  const number = await unknownNumber(api)
  const company = await workedBy(api, ivanov, number)
  const pbx = await sources(server)
  await api.post(`/users/${agent.id}/identities`, { source: 'e2e-cloud', value: 'agent-at-cloud' })
  return { ...pbx, api, number, company, ivanov: { ...owner, id: ivanov.id, link }, loginAtCloud: 'agent-at-cloud' }
}

async function sources(server) {
  const secret = randomBytes(24).toString('hex')
  for (const [name, dialect] of [
    ['e2e-office', 'generic'],
    ['e2e-cloud', 'itoolabs'],
  ]) {
    await server.callhue('source', 'add', '--name', name, '--dialect', dialect, '--secret', secret)
  }
  return { office: generic(server.url, 'e2e-office', secret), cloud: itoolabs(server.url, 'e2e-cloud', secret) }
}

async function workedBy(api, ivanov, number) {
  const company = await api.post('/companies', {
    name: 'Ромашка и сыновья',
    owner_id: ivanov.id,
    phones: [{ value: number, kind: 'work' }],
  })
  await api.put(`/companies/${company.id}/status`, { status: 'IN_WORK', version: company.version })
  return company
}

/** The highest of the fictional numbers +7 495 000-xx-xx that the demo data does not use. */
async function unknownNumber(api) {
  for (let last = 9999; last > 9900; last--) {
    const number = `+7495000${last}`
    const { verdict } = await api.post('/check', { number })
    if (verdict.why === 'unknown') return number
  }
  throw new Error('the demo data uses every number from +7 495 000-99-01 up')
}
