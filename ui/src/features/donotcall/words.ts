import { Words } from '../../i18n/i18n'

export const words = Words.of({
  'dnc.title': { en: 'Do not call', ru: 'Не звонить' },
  'dnc.lead': {
    en: 'Numbers that must not be called, no matter which client they belong to. The card shows it on any colour.',
    ru: 'Номера, на которые нельзя звонить, чьи бы они ни были. Карточка показывает это при любом цвете.',
  },
  'dnc.number': { en: 'Number', ru: 'Номер' },
  'dnc.reason': { en: 'Reason', ru: 'Причина' },
  'dnc.until.label': { en: 'Until (empty: no end)', ru: 'До (пусто: бессрочно)' },
  'dnc.add': { en: 'Add to the list', ru: 'Внести в список' },
  'dnc.added': { en: 'Added to the list: {number}', ru: 'Внесён в список: {number}' },
  'dnc.since': { en: 'Since', ru: 'С какого времени' },
  'dnc.until': { en: 'Until', ru: 'До' },
  'dnc.for_good': { en: 'no end', ru: 'бессрочно' },
  'dnc.by': { en: 'Added by', ru: 'Кто внёс' },
  'dnc.remove': { en: 'Remove', ru: 'Убрать' },
  'dnc.remove.of': { en: 'Remove {number} from the list', ru: 'Убрать {number} из списка' },
  'dnc.search': { en: 'Part of a number or a reason', ru: 'Часть номера или причины' },
  'dnc.rule': { en: 'Heads and administrators keep this list.', ru: 'Список ведут руководители и администраторы.' },
})
