import { Words } from '../../i18n/i18n'

const en = {
  'dnc.title': 'Do not call',
  'dnc.lead': 'Numbers that must not be called, whatever client they belong to. The card says so over any colour.',
  'dnc.number': 'Number',
  'dnc.reason': 'Why',
  'dnc.until.label': 'Until (empty: for good)',
  'dnc.add': 'Put on the list',
  'dnc.added': 'On the list: {number}',
  'dnc.since': 'Since',
  'dnc.until': 'Until',
  'dnc.for_good': 'for good',
  'dnc.by': 'By',
  'dnc.remove': 'Take off',
  'dnc.remove.of': 'Take {number} off the list',
  'dnc.search': 'Part of a number or a reason',
  'dnc.rule': 'Heads and administrators keep this list.',
}

const ru: Record<keyof typeof en, string> = {
  'dnc.title': 'Не звонить',
  'dnc.lead': 'Номера, на которые звонить нельзя, чьи бы они ни были. Карточка скажет об этом поверх любого цвета.',
  'dnc.number': 'Номер',
  'dnc.reason': 'Почему',
  'dnc.until.label': 'До (пусто: навсегда)',
  'dnc.add': 'Внести в список',
  'dnc.added': 'В списке: {number}',
  'dnc.since': 'С какого времени',
  'dnc.until': 'До',
  'dnc.for_good': 'навсегда',
  'dnc.by': 'Кто внёс',
  'dnc.remove': 'Убрать',
  'dnc.remove.of': 'Убрать из списка {number}',
  'dnc.search': 'Часть номера или причины',
  'dnc.rule': 'Список ведут руководители и администраторы.',
}

export const words = new Words({ en, ru })
