import { Words } from '../../i18n/i18n'

const en = {
  'dial.call': 'Call {number}',
  'dial.title': 'Call to {number}',
  'dial.checking': 'Checking {number}…',
  'dial.ordering': 'Calling {number}…',
  'dial.ringing': 'Your phone {extension} rings first. Answer it, and the PBX calls {number}.',
  'dial.silent':
    'The PBX accepted the call to {number} but has sent nothing since. If your phone {extension} did not ring, check that it is on, and try again.',
  'dial.by': 'through {source}',
  'dial.failed': 'The call to {number} failed',
  'dial.do': 'Call',
  'dial.anyway': 'Call anyway',
  'dial.not': 'Do not call',
  'dial.reason': 'Reason for the call',
  'dial.reason.hint': 'The reason is kept with the call; the owner and the heads can read it.',
  'dial.through': 'Call through',
  'dial.through.choose': 'choose',
  'dial.cannot.no_extension':
    'A call from the browser rings your own phone first. An administrator enters its extension on your page under People.',
  'dial.cannot.cannot_dial':
    'An administrator sets it up in a source: Asterisk by its manager interface, a cloud PBX by its API key, any other PBX by the address of a dial request.',
  'dial.settle': 'Set it up',
}

const ru: Record<keyof typeof en, string> = {
  'dial.call': 'Позвонить: {number}',
  'dial.title': 'Звонок на {number}',
  'dial.checking': 'Проверяем {number}…',
  'dial.ordering': 'Звоним на {number}…',
  'dial.ringing': 'Сначала зазвонит ваш телефон {extension}. Ответьте, и АТС наберёт {number}.',
  'dial.silent':
    'АТС приняла звонок на {number}, но с тех пор молчит. Если ваш телефон {extension} не зазвонил, проверьте, включён ли он, и попробуйте ещё раз.',
  'dial.by': 'через {source}',
  'dial.failed': 'Позвонить на {number} не удалось',
  'dial.do': 'Позвонить',
  'dial.anyway': 'Всё равно позвонить',
  'dial.not': 'Не звонить',
  'dial.reason': 'Причина звонка',
  'dial.reason.hint': 'Причина останется у звонка, её увидят ответственный и руководители.',
  'dial.through': 'Звонить через',
  'dial.through.choose': 'выберите',
  'dial.cannot.no_extension':
    'При звонке из браузера сначала звонит ваш телефон. Его внутренний номер администратор указывает на вашей странице в разделе «Сотрудники».',
  'dial.cannot.cannot_dial':
    'Это настраивает администратор в источнике: Asterisk — через интерфейс управления, облачная АТС — по ключу API, любая другая — через адрес запроса на звонок.',
  'dial.settle': 'Настроить',
}

export const words = new Words({ en, ru })
