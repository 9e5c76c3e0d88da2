import { Words } from '../../i18n/i18n'

const en = {
  'search.label': 'Search everywhere',
  'search.placeholder': 'Search (Ctrl+K)',
  'search.partial': 'Older records are still being indexed.',
  'search.own': 'yours',
  'search.user': 'Colleague',
}

const ru: Record<keyof typeof en, string> = {
  'search.label': 'Поиск везде',
  'search.placeholder': 'Поиск (Ctrl+K)',
  'search.partial': 'Старые записи ещё не все в поиске.',
  'search.own': 'ваш клиент',
  'search.user': 'Сотрудник',
}

export const words = new Words({ en, ru })
