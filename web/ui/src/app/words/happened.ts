// The journal's verbs in sentences, for the history of a client. An unknown
// verb of a newer server is shown as it is.

import type { Lang } from '../../card/words'

const en = {
  'record.added': 'added',
  'record.changed': 'changed',
  'record.removed': 'removed',
  'record.merged': 'merged into one',
  'owner.changed': 'given to another owner',
  'company.status': 'status changed',
  'lead.converted': 'lead converted',
  'change.refused': 'change refused: no right to it',
  'numbers.changed': 'phones changed',
  'call.started': 'call began',
  'call.answered': 'call answered',
  'call.ended': 'call ended',
  'card.shown': 'card shown',
  'card.changed': 'card changed',
  'card.closed': 'card closed',
  'card.put_away': 'card put away before the call ended',
  'ask.made': 'a head was asked',
  'ask.decided': 'the head answered',
  'permit.granted': 'permit given',
  'permit.ended': 'permit ended',
}

const ru: Record<keyof typeof en, string> = {
  'record.added': 'карточка заведена',
  'record.changed': 'карточка изменена',
  'record.removed': 'карточка удалена',
  'record.merged': 'карточки объединены',
  'owner.changed': 'передано другому ответственному',
  'company.status': 'статус изменён',
  'lead.converted': 'лид преобразован',
  'change.refused': 'правка отклонена: нет права',
  'numbers.changed': 'телефоны изменены',
  'call.started': 'звонок начался',
  'call.answered': 'звонок отвечен',
  'call.ended': 'звонок завершён',
  'card.shown': 'карточка показана',
  'card.changed': 'карточка изменилась',
  'card.closed': 'карточка закрыта',
  'card.put_away': 'карточка убрана до конца звонка',
  'ask.made': 'запрос руководителю',
  'ask.decided': 'ответ руководителя',
  'permit.granted': 'выдано разрешение',
  'permit.ended': 'разрешение закончилось',
}

/** What each verb says. */
export const happened: Record<Lang, Record<string, string>> = { en, ru }
