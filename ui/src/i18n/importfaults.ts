// What can go wrong with an import.

export const importFaults = {
  en: {
    multipart_expected: 'A form with a file is expected.',
    import_state: 'The import is not in a state for this.',
    import_runs_elsewhere: 'This import is running already.',
    not_your_import: 'Only the user who imported the file, or an administrator, may do this.',
    undo_too_late: 'An import can be undone for 30 days.',
    users_stay: 'An import of users is not undone: deactivate the users instead.',
    file_is_elsewhere: 'The uploaded file is not on this server any more: upload it again.',
  },
  ru: {
    multipart_expected: 'Ожидается форма с файлом.',
    import_state: 'Импорт сейчас в другом состоянии.',
    import_runs_elsewhere: 'Этот импорт уже выполняется.',
    not_your_import: 'Это может только тот, кто загрузил файл, или администратор.',
    undo_too_late: 'Отменить импорт можно в течение 30 дней.',
    users_stay: 'Импорт сотрудников не отменяется: отключите их.',
    file_is_elsewhere: 'Загруженного файла на этом сервере больше нет: загрузите его снова.',
  },
}
