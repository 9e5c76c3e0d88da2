// The script of our pages inside a Bitrix24 portal: the tab in its call card, and
// the page that installs the application. The server writes what they show into
// the document; here it is kept up to date.

import type { Card } from './api/types'
import type { CardActionEvent } from './card/card'
import './card/card'
import { type Lang, langOf } from './card/words'
import { cardAction, type HeadRequest, pageOf } from './portal/cardaction'
import { Follow, type Link, type Outside, type Passage, type Sight } from './portal/follow'

/** The part of the portal's own script that we use. */
interface BX24 {
  init(ready: () => void): void
  install?(begin: () => void): void
  installFinish(): void
  fitWindow?(): void
  placement?: { bindEvent(event: string, heard: (of: { PHONE_NUMBER?: string }) => void): void }
}

declare global {
  interface Window {
    BX24?: BX24
  }
}

const page = document.body.dataset
const lang = langOf(document.documentElement.lang)
const signs: Record<Lang, Record<Link, string>> = {
  en: {
    connecting: '',
    open: '',
    lost: 'No connection: the card is not kept up to date. Trying again.',
    over: 'The sign-in is over: open the call card again.',
  },
  ru: {
    connecting: '',
    open: '',
    lost: 'Нет связи: карточка не обновляется. Пробуем снова.',
    over: 'Вход устарел: откройте карточку звонка заново.',
  },
}

/** Loads the portal's script after the card is shown: it comes from elsewhere and may be slow. */
function portal(ready: (bx: BX24) => void): void {
  const script = document.createElement('script')
  script.src = 'https://api.bitrix24.com/api/v1/'
  script.addEventListener('load', () => window.BX24?.init(() => ready(window.BX24!)))
  document.head.append(script)
}

/** Answers of our server; null where the pass is over. */
async function ask<T>(path: string, body: object): Promise<T | null> {
  const answer = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (answer.status === 401) return null
  if (!answer.ok) throw new Error(`POST ${path}: ${answer.status}`)
  return (await answer.json()) as T
}

/** Asks a head; gives the code of a refusal. */
async function askHead(pass: string, request: HeadRequest): Promise<string> {
  const answer = await fetch('/bitrix24/ask', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ pass, ...request }),
  })
  return answer.ok ? '' : ((await answer.json()) as { code: string }).code
}

const outside: Outside = {
  ticket: (pass) => ask<Passage>('/bitrix24/ticket', { pass }),
  look: (pass, sight) => ask<Card>('/bitrix24/look', { pass, ...sight }),
  openStream: (ticket, last) =>
    new EventSource(
      `/api/v1/live?ticket=${encodeURIComponent(ticket)}${last ? `&last_event_id=${encodeURIComponent(last)}` : ''}`,
    ),
  later: (ms, run) => void setTimeout(run, ms),
}

function follow(): void {
  const element = document.querySelector('call-card')
  if (!element) return
  const sign = document.getElementById('sign')!
  const sight: Sight = { call_id: page.call ?? '', number: page.number ?? '', direction: page.direction ?? '' }
  const first = JSON.parse(document.getElementById('card')?.textContent ?? 'null') as Card | null
  const said = document.getElementById('said')!
  element.addEventListener('card-action', (event) => {
    event.preventDefault()
    const { action, card } = (event as CardActionEvent).detail
    const url = pageOf(action, card)
    if (url)
      window.open(url, '_blank', 'noopener') // no frame may hold a page of the application
    else
      void cardAction(action, card, lang, (request) => askHead(followed.pass, request)).then(
        (words) => (said.textContent = words),
      )
  })
  const followed = new Follow(outside, { pass: page.pass ?? '', sight, card: first }, (card, link) => {
    if (card?.call?.id !== element.card?.call?.id) said.textContent = '' // it was said of another call
    element.card = card
    sign.textContent = signs[lang][link]
  })
  portal((bx) => {
    bx.fitWindow?.()
    bx.placement?.bindEvent('CallCard::EntityChanged', (of) => followed.turn(numberOf(of?.PHONE_NUMBER)))
  })
}

/** A number that the portal does not tell stands there in words. */
function numberOf(text: string | undefined): string {
  return ['', 'undefined', 'null', '0', 'unknown', 'hidden'].includes((text ?? '').toLowerCase()) ? '' : text!
}

/** The portal is told that the installation is complete: at once the first time; later only if it still asks for it. */
function finish(): void {
  portal((bx) => {
    if (page.finish === 'now') bx.installFinish()
    else bx.install?.(() => bx.installFinish())
  })
}

if (page.finish) finish()
follow()
