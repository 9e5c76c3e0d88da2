// A PBX that can be told over HTTP to make a call: it writes down what it is told, and calls when the test says so.

import { createServer } from 'node:http'

/**
 * Listens on the loopback. `settings` make a source of the dialect `generic` dial through it; `orders` are the calls
 * that it was told to make, each {extension, number, id}; `refuse(status)` has it take no more of them, `refuse(0)` all.
 */
export async function dialler() {
  const orders = []
  let refusal = 0
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://pbx')
    const wrong = pathname !== '/dial' || request.headers.authorization !== 'Bearer e2e'
    if (!wrong && !refusal) orders.push(Object.fromEntries(searchParams))
    response.writeHead(wrong ? 404 : refusal || 200)
    response.end()
  })
  await new Promise((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  const { port } = server.address()
  return {
    settings: {
      dial_url: `http://127.0.0.1:${port}/dial?extension={extension}&number={plus}&id={id}`,
      dial_auth: 'Bearer e2e',
    },
    orders,
    refuse: (status) => (refusal = status),
    stop: () => new Promise((resolve) => server.close(resolve)),
  }
}
