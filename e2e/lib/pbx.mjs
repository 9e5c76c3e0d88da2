// The PBX's side of a call: it posts events to /hooks/{source} as a telephone system would.

import { createHmac } from 'node:crypto'

/** The X-Callhue-Signature header over the raw body; at is in unix seconds. */
export function signature(secret, body, at) {
  const sum = createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')
  return `t=${at},v1=${sum}`
}

/**
 * A source of the dialect `generic`. Every event is signed; `say` answers the Response, whatever its status.
 *   const office = generic(server.url, 'office', secret)
 *   await office.say({ event: 'ringing', call_id: 'c1', direction: 'out', number: '+74950000011', agent: '102' })
 */
export function generic(url, source, secret) {
  return {
    async say(event, { signedWith = secret } = {}) {
      const body = JSON.stringify({ at: new Date().toISOString(), ...event })
      const at = Math.floor(Date.now() / 1000)
      return fetch(`${url}/hooks/${source}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-Callhue-Signature': signature(signedWith, body, at) },
        body,
      })
    },
  }
}

/** A source of the dialect `itoolabs`: forms with `cmd`, the secret among them as `crm_token`. */
export function itoolabs(url, source, token) {
  return {
    async say(fields) {
      return fetch(`${url}/hooks/${source}`, {
        method: 'POST',
        body: new URLSearchParams({ ...fields, crm_token: token }),
      })
    },
  }
}
