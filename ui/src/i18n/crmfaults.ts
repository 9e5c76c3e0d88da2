// What a connected CRM refuses, or returns oddly.

const en = {
  portal_moved: 'The portal has another address now: {what}. Enter it in the settings of the source.',
  crm_unreachable: 'The CRM does not answer.',
  crm_busy: 'The CRM asks us to wait.',
  crm_sign_in_again: 'The CRM has revoked access: connect it again.',
  crm_refused: 'The CRM refused the request. {what}',
  crm_answer: 'The answer of the CRM cannot be read.',
  crm_moved: 'The CRM has another address now.',
  owner_unknown: 'The CRM does not return the owner’s user: the owner here stays.',
  owner_outside: 'The owner in the CRM is no employee there (extranet, e-mail or bot): the owner here stays.',
  never_returned: 'The CRM reported the record and did not return it.',
  too_many_removed:
    'So many records are missing in the CRM at once that nothing was removed here: check the rights of the connection.',
  not_shown: 'The record is still in the CRM, but the connection may not read it: it stays here as it was.',
  nothing_to_accept: 'There is no value of the CRM to accept here.',
}

const ru: typeof en = {
  portal_moved: 'У портала теперь другой адрес: {what}. Введите его в настройках источника.',
  crm_unreachable: 'CRM не отвечает.',
  crm_busy: 'CRM просит подождать.',
  crm_sign_in_again: 'CRM отозвала доступ: подключите её заново.',
  crm_refused: 'CRM отказала в запросе. {what}',
  crm_answer: 'Ответ CRM не удалось прочитать.',
  crm_moved: 'У CRM теперь другой адрес.',
  owner_unknown: 'CRM не отдаёт этого сотрудника: здесь ответственный остался прежним.',
  owner_outside: 'В CRM ответственный — не сотрудник (экстранет, почта или бот): здесь он остался прежним.',
  never_returned: 'CRM сообщила о записи, но не отдала её.',
  too_many_removed: 'В CRM пропало сразу столько записей, что здесь ничего не удалено: проверьте права подключения.',
  not_shown: 'В CRM эта запись есть, но у подключения нет права её читать: здесь она осталась как была.',
  nothing_to_accept: 'Здесь нет значения CRM, которое можно принять.',
}

export const crmFaults = { en, ru }
