// What is wrong with the query or the request by which a system is asked for numbers.

const en = {
  could_write: 'The query may only read: it has a word that writes, locks, waits or leaves the database.',
  not_a_select: 'The query must begin with SELECT or WITH.',
  several_statements: 'Only one statement is allowed.',
  unclosed_quote: 'A quote or comment is not closed.',
  ambiguous_quote: 'Double a quote inside a text instead of putting a backslash before it.',
  ambiguous_comment: 'Write a blank behind “--”, and no comment inside a comment.',
  unknown_placeholder: 'The number is :number, :e164, :digits, :national, :local10, :last10 or IN (:numbers).',
  quoted_placeholder: "The placeholder stands inside a text, where it is none. Join them: CONCAT('%', :last10).",
  no_number: 'The number is missing: write :number in a query, {number} in a URL or a body.',
  no_lookup: 'This source is not asked for numbers.',
  reserved: 'This name is kept for Callhue itself.',
  settings_unusable: 'The settings of this source cannot be used.',
}

const ru: Record<keyof typeof en, string> = {
  could_write: 'Запрос может только читать: в нём есть слово, которое пишет, блокирует, ждёт или выходит из базы.',
  not_a_select: 'Запрос должен начинаться с SELECT или WITH.',
  several_statements: 'Разрешён только один оператор.',
  unclosed_quote: 'Не закрыта кавычка или комментарий.',
  ambiguous_quote: 'Кавычку внутри текста удвойте, а не ставьте перед ней обратную черту.',
  ambiguous_comment: 'После «--» нужен пробел; комментарий внутри комментария не годится.',
  unknown_placeholder: 'Номер — это :number, :e164, :digits, :national, :local10, :last10 или IN (:numbers).',
  quoted_placeholder: "Номер стоит внутри текста, там он не подставится. Соедините: CONCAT('%', :last10).",
  no_number: 'Нет номера: напишите :number в запросе, {number} в адресе или теле.',
  no_lookup: 'Этот источник не спрашивают по номеру.',
  reserved: 'Это имя занято самим Callhue.',
  settings_unusable: 'Настройки этого источника нельзя использовать.',
}

export const lookupFaults = { en, ru }
