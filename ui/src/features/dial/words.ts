import { Words } from '../../i18n/i18n'

const en = {
  'dial.call': 'Call {number}',
  'dial.title': 'Call to {number}',
  'dial.checking': 'Looking whose client {number} is…',
  'dial.ordering': 'Asking the PBX to call {number}…',
  'dial.ringing': 'Your telephone rings first, extension {extension}. Pick it up, and the PBX calls {number}.',
  'dial.silent':
    'The PBX took the call to {number} and has said nothing since. If your telephone {extension} did not ring, see whether it is on, and try again.',
  'dial.by': 'through {source}',
  'dial.failed': '{number} was not called',
  'dial.do': 'Call',
  'dial.anyway': 'Call anyway',
  'dial.not': 'Do not call',
  'dial.reason': 'Why do you call all the same?',
  'dial.reason.hint': 'The reason stays with the call; the owner and the heads can read it.',
  'dial.through': 'Calls go through',
  'dial.through.choose': 'choose',
  'dial.cannot.no_extension':
    'A call from the screen rings your own telephone first. An administrator enters its extension on your page under People.',
  'dial.cannot.cannot_dial':
    'An administrator sets it up in a source: Asterisk by its manager interface, a cloud PBX by its API key, any other by an address that makes a call.',
  'dial.settle': 'Set it up',
}

const ru: Record<keyof typeof en, string> = {
  'dial.call': 'Позвонить: {number}',
  'dial.title': 'Звонок на {number}',
  'dial.checking': 'Смотрим, чей это клиент: {number}…',
  'dial.ordering': 'Просим АТС набрать {number}…',
  'dial.ringing': 'Сначала зазвонит ваш телефон, внутренний номер {extension}. Снимите трубку, и АТС наберёт {number}.',
  'dial.silent':
    'АТС приняла звонок на {number} и с тех пор молчит. Если ваш телефон {extension} не зазвонил, проверьте, включён ли он, и попробуйте ещё раз.',
  'dial.by': 'через {source}',
  'dial.failed': 'Позвонить на {number} не удалось',
  'dial.do': 'Позвонить',
  'dial.anyway': 'Всё равно позвонить',
  'dial.not': 'Не звонить',
  'dial.reason': 'Почему вы всё равно звоните?',
  'dial.reason.hint': 'Причина останется у звонка, её увидят ответственный и руководители.',
  'dial.through': 'Звонить через',
  'dial.through.choose': 'выберите',
  'dial.cannot.no_extension':
    'При звонке с экрана сначала звонит ваш телефон. Его внутренний номер администратор указывает на вашей странице в разделе «Люди».',
  'dial.cannot.cannot_dial':
    'Это настраивает администратор в источнике: Asterisk — через интерфейс управления, облачная АТС — по ключу API, любая другая — адресом, который звонит.',
  'dial.settle': 'Настроить',
}

export const words = new Words({ en, ru })
