// Refusals of changes that lower protection and wait for a second administrator.

const en = {
  waits_for_second_admin:
    'Not in force yet: this lowers protection and waits for a second administrator. It stands under “Changes”.',
  second_admin_needed: 'This lowers protection and needs an administrator other than the one who proposed it.',
  password_needed: 'You are the only administrator: confirm with your password.',
  password_wrong: 'The password is wrong.',
  not_independent:
    'One of you has signed the other in with a link, a password or a token of theirs. Let another administrator confirm, or make the link at the command line.',
  change_decided: 'This change does not wait any more.',
  change_outdated: 'What this change was about was changed meanwhile. Propose it again.',
  proposer_left: 'The one who proposed this may not propose it any more.',
  change_forbidden: 'You may not decide this change.',
  session_needed: 'Confirm in a browser: a token is no second person.',
  red_unprotected:
    'Red without protection: a colleague could take such a company over, and the red with it. Protect it, or confirm.',
}

const ru: Record<keyof typeof en, string> = {
  waits_for_second_admin:
    'Пока не действует: это ослабляет защиту и ждёт второго администратора. Изменение стоит в разделе «Изменения».',
  second_admin_needed: 'Это ослабляет защиту: нужен администратор, кроме того, кто предложил.',
  password_needed: 'Вы единственный администратор: подтвердите паролем.',
  password_wrong: 'Пароль неверен.',
  not_independent:
    'Один из вас получил от другого ссылку для входа, пароль или токен. Пусть подтвердит другой администратор, или создайте ссылку в командной строке.',
  change_decided: 'Это изменение больше не ждёт решения.',
  change_outdated: 'То, что хотели изменить, за это время изменили. Предложите ещё раз.',
  proposer_left: 'Тот, кто это предложил, больше не вправе это предлагать.',
  change_forbidden: 'Решать об этом изменении вам нельзя.',
  session_needed: 'Подтвердите в браузере: токен не второй человек.',
  red_unprotected:
    'Красный без защиты: коллега мог бы забрать такую компанию, а с ней и красный. Включите защиту или подтвердите.',
}

export const changeFaults = { en, ru }
