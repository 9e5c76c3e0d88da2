import { Words } from '../../i18n/i18n'

const en = {
  'signin.title': 'Sign in',
  'signin.login': 'Login',
  'signin.password': 'Password',
  'signin.button': 'Sign in',
  'signin.link': 'No password? An administrator can give you a one-time link: callhue user link --login LOGIN',
}

const ru: Record<keyof typeof en, string> = {
  'signin.title': 'Вход',
  'signin.login': 'Логин',
  'signin.password': 'Пароль',
  'signin.button': 'Войти',
  'signin.link': 'Нет пароля? Администратор может выдать одноразовую ссылку: callhue user link --login ЛОГИН',
}

export const words = new Words({ en, ru })
