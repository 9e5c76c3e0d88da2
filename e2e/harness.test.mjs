// The harness itself: a test that measures with a crooked ruler proves nothing.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { it } from 'node:test'
import { open } from './lib/browser.mjs'
import { signature } from './lib/pbx.mjs'
import { readPrinted } from './lib/server.mjs'

it('signs as the contract says', () => {
  // printf '%s' '1773317764.{"event":"ringing","call_id":"abc-1"}' | openssl dgst -sha256 -hmac 'correct horse'
  assert.equal(
    signature('correct horse', '{"event":"ringing","call_id":"abc-1"}', 1773317764),
    't=1773317764,v1=4c21867c3a2a47400ca4081082de2fde7a3a41372f07faa4dbb6f709ec33c88f',
  )
})

it('finds the link and a curl of several lines in what the server prints', () => {
  const curl = "curl -X POST \\\n  -d '{}' \\\n  http://127.0.0.1:8099/hooks/demo/s"
  const text = `Callhue 1\n  Sign in: http://127.0.0.1:8099/in/abc\n  Ring:\n  ${curl}\nthe rest\n`
  assert.deepEqual(readPrinted(text, 'http://127.0.0.1:8099'), { link: 'http://127.0.0.1:8099/in/abc', curl })
  assert.equal(readPrinted('Sign in: http://127.0.0.1:8099/in/abc\n', 'http://127.0.0.1:8099'), undefined)
})

it('sees what a page does wrong, under a strict content security policy', async () => {
  const page = `<!doctype html><html lang="en"><title>t</title><main><h1>t</h1>
    <p style="color:#ccc;background:#fff">pale</p><img src="http://127.0.0.2:9/x.png"></main>
    <script src="/x.js"></script></html>`
  const web = createServer((request, response) => {
    const script = request.url === '/x.js'
    response.writeHead(200, {
      'Content-Type': script ? 'text/javascript' : 'text/html',
      'Content-Security-Policy': "default-src 'self'; style-src 'unsafe-inline'; img-src *",
    })
    response.end(script ? 'throw new Error("on purpose")' : page)
  })
  await new Promise((resolve) => web.listen(0, '127.0.0.1', resolve))
  const browser = await open()
  try {
    const window = await browser.window({ lang: 'en-GB' })
    await window.page.goto(`http://127.0.0.1:${web.address().port}/`)
    const findings = (await window.findings()).join('\n')
    assert.match(findings, /serious color-contrast/)
    assert.match(findings, /critical image-alt/)
    const faults = window.faults.join('\n')
    assert.match(faults, /script error: on purpose/)
    assert.match(faults, /request to another host: http:\/\/127\.0\.0\.2:9/)
  } finally {
    await browser.close()
    web.close()
  }
})
