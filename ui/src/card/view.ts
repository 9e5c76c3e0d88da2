// Draws a Card: the full card, or the one line it folds into. Pure: a Card, the
// words and what the buttons do in; nodes out. The element owns the state.

import type { Action, Card, Match, Person } from '../api/types'
import { glyph, h } from './dom'
import type { Hands, Words } from './hands'
import { draw, shapeOf } from './icons'
import { demand, doNotCall, permit } from './notice'
import { pretty } from './number'
import { dressed } from './shade'
import { actionWord, hugeWord, type Key, kindWord, type Lang, words } from './words'

/** What opens a page of the application. */
const paged = new Set<Action>(['open', 'create_lead', 'create_contact'])

const knownColors = new Set(['red', 'yellow', 'blue', 'none', 'grey'])

/** The colour to paint: one that this version does not know is painted "not checked", never free. */
export function paintOf(card: Card): string {
  return knownColors.has(card.verdict.color) ? card.verdict.color : 'grey'
}

/** The full card. */
export function fullCard(card: Card, lang: Lang, hands: Hands): HTMLElement {
  const t = (key: Key) => words[lang][key]
  return dressed(
    card,
    h(
      'section',
      { class: `card ${paintOf(card)} ${card.call?.state ?? ''}`, 'aria-label': sentence(card, lang) },
      topBar(card, t, hands),
      doNotCall(card, t),
      hero(card, t),
      advice(card, t),
      permit(card, lang, t),
      demand(card, t, hands),
      facts(card, t),
      actions(card, t, hands),
      found(card, lang, t),
    ),
  )
}

/** The card as one line: minimised by its reader, or over. */
export function strip(card: Card, lang: Lang, hands: Hands): HTMLElement {
  const t = (key: Key) => words[lang][key]
  return dressed(
    card,
    h(
      'section',
      { class: `card strip ${paintOf(card)} ${card.call?.state ?? ''}`, 'aria-label': sentence(card, lang) },
      draw(shapeOf(card)),
      h(
        'div',
        { class: 'line' },
        card.do_not_call && h('b', { class: 'dncmark' }, t('dnc')),
        h('b', {}, t(hugeWord(card))),
        card.subject ? h('span', {}, card.subject.name) : null,
        h('span', {}, numberText(card)),
        callState(card, t),
      ),
      tool('expand', t('button.expand'), 'M5 9l7 7 7-7', () => hands.fold(false)),
      tool('close', t('button.close'), 'M6 6l12 12M18 6L6 18', () => hands.close()),
    ),
  )
}

/** The card in one sentence, for a screen reader and for the label of the region. */
export function sentence(card: Card, lang: Lang): string {
  const t = (key: Key) => words[lang][key]
  const owner = card.subject?.owner
  return [
    card.do_not_call && t('dnc'),
    t(hugeWord(card)),
    card.subject?.name,
    owner && `${t('label.owner')}: ${personText(owner, t)}`,
    card.verdict.title,
    card.verdict.text,
  ]
    .filter(Boolean)
    .join('. ')
}

function topBar(card: Card, t: Words, hands: Hands): HTMLElement | null {
  if (!card.call) return null
  return h(
    'div',
    { class: 'bar' },
    h('div', { class: 'where' }, callState(card, t)),
    tool('minimise', t('button.minimise'), 'M5 18h14', () => hands.fold(true)),
    tool('close', t('button.close'), 'M6 6l12 12M18 6L6 18', () => hands.close()),
  )
}

function callState(card: Card, t: Words): HTMLElement | null {
  const call = card.call
  if (!call) return null
  const elsewhere = card.verdict.why === 'answered_elsewhere'
  return h(
    'span',
    { class: 'where' },
    call.state !== 'ended' && h('span', { class: 'dot', 'aria-hidden': 'true' }),
    h(
      'span',
      {},
      `${t(`direction.${call.direction}`)} · ${elsewhere ? t('label.elsewhere') : t(`state.${call.state}`)}`,
    ),
    h('span', { class: 'time', 'data-clock': true }),
  )
}

function hero(card: Card, t: Words): HTMLElement {
  const word = h('div', { class: 'word' }, t(hugeWord(card)))
  const longest = Math.max(
    ...t(hugeWord(card))
      .split(' ')
      .map((part) => part.length),
  )
  word.style.setProperty('--letters', String(Math.max(longest, 4)))
  const company = card.subject?.kind !== 'company' ? card.subject?.company : null
  const client = card.subject
    ? h(
        'div',
        { class: 'client' },
        card.subject.name,
        company && h('small', {}, `${t('label.company')}: ${company.name}`),
      )
    : h('div', { class: 'client' }, numberText(card))
  return h('div', { class: 'hero' }, draw(shapeOf(card)), h('div', {}, word, client))
}

function advice(card: Card, t: Words): HTMLElement | null {
  const { title, text, banner } = card.verdict
  if (!title && !text) return null
  return h(
    'div',
    { class: banner ? 'advice banner' : 'advice' },
    banner && h('span', { class: 'unseen' }, t('label.banner')),
    title && h('strong', {}, title),
    text && h('div', {}, text),
  )
}

function facts(card: Card, t: Words): HTMLElement | null {
  const { subject } = card
  if (!subject) return colleagues(card, t)
  const { company } = subject
  const status = subject.status ?? company?.status
  const fact = (label: Key, value: Node | string, kind = '') =>
    h('div', {}, h('dt', {}, t(label)), h('dd', { class: kind }, value))
  return h(
    'dl',
    { class: 'facts' },
    fact('label.owner', subject.owner ? ownerText(subject.owner, t) : t('label.no_owner'), 'owner'),
    company?.owner &&
      company.owner.id !== subject.owner?.id &&
      fact('label.company_owner', ownerText(company.owner, t)),
    status && fact('label.status', status.name),
    fact('label.number', numberText(card), 'whole'),
    theirPage(subject.open_url, t('label.open_crm')),
  )
}

/** The subject's page in the customer's CRM, in a tab of its own: the card stays. */
function theirPage(url: string | undefined, name: string): HTMLElement | null {
  if (!isWebAddress(url)) return null
  return h('a', { class: 'theirs', href: url, target: '_blank', rel: 'noopener noreferrer', 'data-key': 'crm' }, name)
}

export const isWebAddress = (url: string | undefined): url is string => /^https?:\/\//.test(url ?? '')

/** Whose own phone or extension it is, where no client has the number. */
function colleagues(card: Card, t: Words): HTMLElement | null {
  if (!card.colleagues?.length) return null
  return h(
    'dl',
    { class: 'facts' },
    h(
      'div',
      {},
      h('dt', {}, t('label.colleague')),
      h('dd', { class: 'owner' }, card.colleagues.map(({ name }) => name).join(', ')),
    ),
  )
}

function actions(card: Card, t: Words, hands: Hands): HTMLElement | null {
  const list = card.actions ?? []
  if (list.length === 0) return null
  const button = (action: Action, first: boolean) => {
    const url = action === 'open' ? safePath(card.subject?.url) : undefined
    const look = {
      class: first ? 'button main' : 'button',
      'data-key': action,
      click: (e: Event) => hands.act(action, e),
    }
    const name = t(actionWord(action)) + (hands.away && paged.has(action) ? ` ${t('action.away')}` : '')
    return url ? h('a', { ...look, ...leading(url) }, name) : h('button', { ...look, type: 'button' }, name)
  }
  // An action of a newer server has no words here; a button without a name helps nobody.
  const known = list.filter((action) => t(actionWord(action)))
  return h('div', { class: 'actions' }, ...known.map((action, i) => button(action, i === 0)))
}

function found(card: Card, lang: Lang, t: Words): HTMLElement | null {
  const others = (card.matches ?? []).filter((m) => !isSame(m, card.subject))
  if (others.length === 0) return null
  const all = card.matches?.length ?? 0
  const total = Math.max(others.length, (card.matches_total ?? all) - (all - others.length))
  return h(
    'details',
    {},
    h('summary', { 'data-key': 'found' }, `${t('found.also')}: ${total}`),
    h('ul', { class: 'found' }, ...others.map((match) => foundLine(match, lang, t))),
  )
}

/** Whether two records are one: those that only another system knows have the id 0. */
function isSame(a: Match, b: Match | null | undefined): boolean {
  return a.kind === b?.kind && a.id === b.id && a.external_id === b.external_id && a.source === b.source
}

function foundLine(match: Match, lang: Lang, t: Words): HTMLElement {
  const since = match.since && !match.since.startsWith('0001') ? new Date(match.since) : null
  const details = [
    t(kindWord(match.kind)),
    match.company?.name,
    (match.status ?? match.company?.status)?.name,
    match.via && match.via !== 'direct' && t(`via.${match.via}`),
    since && !Number.isNaN(since.getTime()) && `${t('found.since')} ${since.toLocaleDateString(lang)}`,
  ].filter(Boolean)
  const owner = match.owner?.name ? `${t('label.owner')}: ${personText(match.owner, t)}` : ''
  const url = safePath(match.url)
  const key = `${match.kind}${match.id}${match.external_id ?? ''}`
  const name = url ? h('a', { ...leading(url), 'data-key': key }, match.name) : h('b', {}, match.name)
  return h('li', {}, name, h('span', {}, details.join(' · ')), owner && h('span', {}, owner))
}

function ownerText(owner: Person, t: Words): Node {
  const name = h('span', { class: owner.active === false ? 'left' : '' }, owner.name)
  const rest = [
    owner.extension && `${t('label.extension')} ${owner.extension}`,
    owner.active === false && t('label.owner_left'),
  ]
  const box = document.createDocumentFragment()
  box.append(name)
  for (const part of rest) if (part) box.append(', ', h('span', { class: 'whole' }, part))
  return box
}

function personText(person: Person, t: Words): string {
  const extension = person.extension && `${t('label.extension')} ${person.extension}`
  return [person.name, extension, person.active === false && t('label.owner_left')].filter(Boolean).join(', ')
}

function numberText(card: Card): string {
  const { e164, raw, extension } = card.number
  return [pretty(e164) || raw, e164 && extension && `#${extension}`].filter(Boolean).join(' ') || '—'
}

/** Links stay on http(s): a `javascript:` address in a record must not become a button. */
function safePath(url: string | undefined): string | undefined {
  return url && /^(\/(?!\/)|https?:\/\/)/.test(url) ? url : undefined
}

/** Where a link leads: the page of another system opens beside this one. */
function leading(url: string): Record<string, string> {
  return url.startsWith('/') ? { href: url } : { href: url, target: '_blank', rel: 'noopener noreferrer' }
}

function tool(key: string, label: string, path: string, click: () => void): HTMLElement {
  return h(
    'button',
    { class: 'tool', type: 'button', 'data-key': key, 'aria-label': label, title: label, click },
    glyph(path),
  )
}
