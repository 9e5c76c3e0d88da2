import { Words } from '../../i18n/i18n'

const en = {
  'rules.title': 'Number rules',
  'rules.lead':
    'If the PBX adds digits to numbers (an outside line, a technical prefix, a carrier code), a rule takes them away before the number is looked up. Rules apply in order.',
  'rules.pattern': 'Pattern (regular expression)',
  'rules.pattern.hint': 'It has to match the whole number, written without spaces: 7812#(.+)',
  'rules.replacement': 'Replacement',
  'rules.remove': 'Remove the rule',
  'rules.add': 'Add a rule',
  'rules.outside': 'Outside line: 9',
  'rules.try': 'Number to try',
  'rules.tried': 'Numbers of the last requests',
  'rules.number': 'As sent',
  'rules.read': 'Read as',
  'rules.kind.external': '',
  'rules.kind.internal': 'internal number',
  'rules.kind.hidden': 'hidden number',
  'rules.kind.invalid': 'cannot be read',
  'problem.no_events': 'Connected, but no event for {minutes} min.',
  'problem.unknown_agents': 'Calls of unknown agents: {count}. Tie their names to users.',
  'problem.unreadable_numbers': 'Numbers that cannot be read: {count}. Add a rule?',
  'dropped.title': 'Fields left out',
}

const ru: Record<keyof typeof en, string> = {
  'rules.title': 'Правила номеров',
  'rules.lead':
    'Если АТС добавляет к номерам цифры (выход на линию, технический префикс, код оператора), правило убирает их перед поиском. Правила применяются по порядку.',
  'rules.pattern': 'Шаблон (регулярное выражение)',
  'rules.pattern.hint': 'Должен совпасть с номером целиком, номер — без пробелов: 7812#(.+)',
  'rules.replacement': 'Замена',
  'rules.remove': 'Удалить правило',
  'rules.add': 'Добавить правило',
  'rules.outside': 'Выход на линию: 9',
  'rules.try': 'Номер для проверки',
  'rules.tried': 'Номера последних запросов',
  'rules.number': 'Как прислан',
  'rules.read': 'Прочитан как',
  'rules.kind.external': '',
  'rules.kind.internal': 'внутренний номер',
  'rules.kind.hidden': 'скрытый номер',
  'rules.kind.invalid': 'не читается',
  'problem.no_events': 'Подключён, но событий нет уже {minutes} мин.',
  'problem.unknown_agents': 'Звонки неизвестных сотрудников: {count}. Свяжите их имена с пользователями.',
  'problem.unreadable_numbers': 'Номера, которые не читаются: {count}. Добавить правило?',
  'dropped.title': 'Пропущенные поля',
}

export const rulesWords = new Words({ en, ru })
