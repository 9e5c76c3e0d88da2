// What stands over a card whatever its colour: the do-not-call list, a permit, and what the policy wants of the agent.

import type { Card } from '../api/types'
import { h } from './dom'
import type { Hands, Words } from './hands'
import type { Lang } from './words'

/** The strip of a number on the do-not-call list: hazard stripes, a sign and words, so that it needs no colour. */
export function doNotCall(card: Card, t: Words): HTMLElement | null {
  const listed = card.do_not_call
  if (!listed) return null
  return h(
    'div',
    { class: 'dnc' },
    h('div', { class: 'dncwords' }, h('strong', {}, t('dnc')), h('span', {}, listed.text || listed.reason)),
  )
}

/** Until when the agent may work with the client, and who said so. */
export function permit(card: Card, lang: Lang, t: Words): HTMLElement | null {
  const held = card.permit
  if (!held) return null
  const by = held.by ? `, ${t('permit.by')} ${held.by.name}` : ''
  return h('div', { class: 'advice permit' }, h('strong', {}, `${t('permit.until')} ${moment(held.until, lang)}${by}`))
}

/** What the policy wants before the agent goes on: a reason, typed on the card, or a permit. */
export function demand(card: Card, t: Words, hands: Hands): HTMLElement | null {
  const wanted = card.enforcement
  if (!wanted?.mode || wanted.mode === 'warn') return null
  if (wanted.met) return wanted.reason ? h('div', { class: 'advice' }, `${t('enforce.met')}: ${wanted.reason}`) : null
  if (wanted.mode !== 'reason') return h('div', { class: 'advice banner' }, h('strong', {}, t('enforce.permit')))
  const field = h('input', {
    class: 'field',
    name: 'reason',
    'data-key': 'reason',
    maxlength: '500',
    required: true,
    'aria-label': t('enforce.reason'),
    autocomplete: 'off',
  })
  const submit = (event: Event) => {
    event.preventDefault()
    if (field.value.trim()) hands.reason(field.value.trim())
  }
  return h(
    'form',
    { class: 'advice demand', submit },
    h('strong', {}, t('enforce.reason')),
    h(
      'div',
      { class: 'ask' },
      field,
      h('button', { class: 'button main', type: 'submit', 'data-key': 'give_reason' }, t('enforce.send')),
    ),
  )
}

function at(text: string | null | undefined): Date | null {
  const date = text ? new Date(text) : null
  return date && !Number.isNaN(date.getTime()) ? date : null
}

/** The time of day, with the day where it is not today. */
function moment(text: string, lang: Lang): string {
  const date = at(text)
  if (!date) return ''
  const today = date.toDateString() === new Date().toDateString()
  return date.toLocaleString(lang, {
    ...(today ? {} : { day: 'numeric', month: 'short' }),
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
}
