import { Words } from '../../i18n/i18n'

const en = {
  'today.title': 'Today',
  'today.quiet': 'No calls right now. The card appears here as soon as your phone rings or you dial.',
  'today.closed': 'Closed cards',
  'today.reopen': 'Show again',
  'today.mine': 'My calls',
}

const ru: Record<keyof typeof en, string> = {
  'today.title': 'Сегодня',
  'today.quiet': 'Сейчас звонков нет. Карточка появится здесь, как только зазвонит телефон или вы наберёте номер.',
  'today.closed': 'Закрытые карточки',
  'today.reopen': 'Показать снова',
  'today.mine': 'Мои звонки',
}

export const words = new Words({ en, ru })
