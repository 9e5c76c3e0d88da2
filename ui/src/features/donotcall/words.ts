import { Words } from '../../i18n/i18n'

const en = {
  'dnc.title': 'Do not call',
  'dnc.lead':
    'Numbers that must not be called, no matter which client they belong to. The card shows it on any colour.',
  'dnc.number': 'Number',
  'dnc.reason': 'Reason',
  'dnc.until.label': 'Until (empty: no end)',
  'dnc.add': 'Add to the list',
  'dnc.added': 'Added to the list: {number}',
  'dnc.since': 'Since',
  'dnc.until': 'Until',
  'dnc.for_good': 'no end',
  'dnc.by': 'Added by',
  'dnc.remove': 'Remove',
  'dnc.remove.of': 'Remove {number} from the list',
  'dnc.search': 'Part of a number or a reason',
  'dnc.rule': 'Heads and administrators keep this list.',
}

const ru: Record<keyof typeof en, string> = {
  'dnc.title': 'Не звонить',
  'dnc.lead': 'Номера, на которые нельзя звонить, чьи бы они ни были. Карточка показывает это при любом цвете.',
  'dnc.number': 'Номер',
  'dnc.reason': 'Причина',
  'dnc.until.label': 'До (пусто: бессрочно)',
  'dnc.add': 'Внести в список',
  'dnc.added': 'Внесён в список: {number}',
  'dnc.since': 'С какого времени',
  'dnc.until': 'До',
  'dnc.for_good': 'бессрочно',
  'dnc.by': 'Кто внёс',
  'dnc.remove': 'Убрать',
  'dnc.remove.of': 'Убрать {number} из списка',
  'dnc.search': 'Часть номера или причины',
  'dnc.rule': 'Список ведут руководители и администраторы.',
}

export const words = new Words({ en, ru })
