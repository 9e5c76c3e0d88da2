// The card's own words. The verdict's title and text come from the server in
// the agent's language; these are the labels around them.

import type { Action, Card, Kind } from '../api/types'

export type Lang = 'en' | 'ru'

const en = {
  'word.red': 'TAKEN',
  'word.red.head': 'IN WORK',
  'word.yellow': 'CONTACT',
  'word.blue': 'LEAD',
  'word.grey': 'NOT CHECKED',
  'word.own': 'YOURS',
  'word.team': 'YOUR TEAM',
  'word.permit': 'PERMITTED',
  'word.company': 'COMPANY',
  'word.unknown': 'NOT FOUND',
  'word.internal': 'COLLEAGUE',
  'word.hidden': 'HIDDEN',
  'word.invalid': 'INVALID NUMBER',
  'direction.in': 'Incoming',
  'direction.out': 'Outgoing',
  'state.ringing': 'ringing',
  'state.talking': 'talking',
  'state.ended': 'ended',
  dnc: 'DO NOT CALL',
  'permit.until': 'Permit until',
  'permit.by': 'by',
  'enforce.permit': 'A permit from the owner’s head is needed first',
  'enforce.reason': 'Why do you continue?',
  'enforce.send': 'Save',
  'enforce.met': 'Saved',
  'label.colleague': 'Colleague',
  'label.owner': 'Owner',
  'label.company_owner': 'Owner of the company',
  'label.status': 'Status',
  'label.number': 'Number',
  'label.open_crm': 'Open in CRM',
  'label.company': 'Company',
  'label.extension': 'ext.',
  'label.no_owner': 'none',
  'label.owner_left': 'has left',
  'label.banner': 'Read this first',
  'label.elsewhere': 'answered by a colleague',
  'kind.company': 'company',
  'kind.contact': 'contact',
  'kind.lead': 'lead',
  'via.contact': 'through a contact',
  'via.lead': 'through a lead',
  'found.also': 'Also found',
  'found.since': 'since',
  'action.pass_to_owner': 'Pass to the owner',
  'action.ask_head': 'Ask the owner’s head',
  'action.ask_permit': 'Ask for a permit',
  'action.open': 'Open the client',
  'action.create_lead': 'Create a lead',
  'action.create_contact': 'Create a contact',
  'action.away': 'in Callhue',
  'button.close': 'Close',
  'button.minimise': 'Minimise',
  'button.expand': 'Expand',
}

const ru: Record<Key, string> = {
  'word.red': 'ЧУЖОЙ',
  'word.red.head': 'В РАБОТЕ',
  'word.yellow': 'КОНТАКТ',
  'word.blue': 'ЛИД',
  'word.grey': 'НЕ ПРОВЕРЕНО',
  'word.own': 'ВАШ',
  'word.team': 'ВАША ГРУППА',
  'word.permit': 'МОЖНО',
  'word.company': 'КОМПАНИЯ',
  'word.unknown': 'НЕ НАЙДЕН',
  'word.internal': 'КОЛЛЕГА',
  'word.hidden': 'СКРЫТ',
  'word.invalid': 'НЕВЕРНЫЙ НОМЕР',
  'direction.in': 'Входящий',
  'direction.out': 'Исходящий',
  'state.ringing': 'вызов',
  'state.talking': 'разговор',
  'state.ended': 'завершён',
  dnc: 'НЕ ЗВОНИТЬ',
  'permit.until': 'Разрешение до',
  'permit.by': 'дал(а)',
  'enforce.permit': 'Сначала получите разрешение руководителя ответственного',
  'enforce.reason': 'Почему вы продолжаете?',
  'enforce.send': 'Сохранить',
  'enforce.met': 'Сохранено',
  'label.colleague': 'Коллега',
  'label.owner': 'Ответственный',
  'label.company_owner': 'Ответственный за компанию',
  'label.status': 'Статус',
  'label.number': 'Номер',
  'label.open_crm': 'Открыть в CRM',
  'label.company': 'Компания',
  'label.extension': 'доб.',
  'label.no_owner': 'нет',
  'label.owner_left': 'уволен',
  'label.banner': 'Сначала прочтите',
  'label.elsewhere': 'ответил коллега',
  'kind.company': 'компания',
  'kind.contact': 'контакт',
  'kind.lead': 'лид',
  'via.contact': 'через контакт',
  'via.lead': 'через лид',
  'found.also': 'Найдено ещё',
  'found.since': 'с',
  'action.pass_to_owner': 'Передать ответственному',
  'action.ask_head': 'Спросить руководителя',
  'action.ask_permit': 'Попросить разрешение',
  'action.open': 'Открыть клиента',
  'action.create_lead': 'Создать лид',
  'action.create_contact': 'Создать контакт',
  'action.away': 'в Callhue',
  'button.close': 'Закрыть',
  'button.minimise': 'Свернуть',
  'button.expand': 'Развернуть',
}

export type Key = keyof typeof en

export const words: Record<Lang, Record<Key, string>> = { en, ru }

/** The language nearest to an HTML `lang` value: Russian or, for all others, English. */
export function langOf(tag: string | null | undefined): Lang {
  return tag?.toLowerCase().startsWith('ru') ? 'ru' : 'en'
}

export const kindWord = (kind: Kind): Key => `kind.${kind}`
export const actionWord = (action: Action): Key => `action.${action}`

/** The one huge word, read from three metres. It repeats the colour for those who cannot see it. */
export function hugeWord(card: Card): Key {
  const { color, relation } = card.verdict
  switch (color) {
    case 'red':
      return relation === 'supervisor' || relation === 'admin' ? 'word.red.head' : 'word.red'
    case 'yellow':
      return 'word.yellow'
    case 'blue':
      return 'word.blue'
    case 'none':
      return neutralWord(card)
    default:
      // A colour of a newer server is not known to be free.
      return 'word.grey'
  }
}

function neutralWord(card: Card): Key {
  const { number, verdict, subject } = card
  if (verdict.why === 'agent_unknown') return 'word.grey'
  if (number.kind === 'internal' || verdict.why === 'employee') return 'word.internal'
  if (number.kind === 'hidden') return 'word.hidden'
  if (number.kind === 'invalid') return 'word.invalid'
  if (verdict.relation === 'own') return 'word.own'
  if (verdict.relation === 'permit') return 'word.permit'
  if (verdict.relation === 'team' || verdict.relation === 'deputy') return 'word.team'
  return subject ? 'word.company' : 'word.unknown'
}
