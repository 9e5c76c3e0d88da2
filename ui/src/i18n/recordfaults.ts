// Why records cannot be changed, merged, or merged records restored.

export const recordFaults = {
  en: {
    number_change_forbidden:
      'Only the owner, their head or an administrator may change the phones of a protected company.',
    number_removal_forbidden:
      'Only the head of the owner, or an administrator, may remove a phone of a protected company.',
    removal_forbidden: 'Only the head of the owner, or an administrator, may remove a protected company.',
    team_change_forbidden: 'Only the owner, their head or an administrator may change the team of this company.',
    company_change_forbidden: 'Only people who may work with this protected company may change it and its links.',
    unlink_forbidden: 'Only the head of the owner, or an administrator, may unlink this from a protected company.',
    merge_forbidden: 'Only the head of the owner, or an administrator, may merge what concerns this company.',
    already_undone: 'This was undone before.',
    undo_expired: 'A merge can be undone for 30 days only.',
    merged_again: 'The record was merged into another one since. Undo that merge first.',
    record_gone: 'A record of this merge is not there any more.',
  },
  ru: {
    number_change_forbidden:
      'Менять телефоны защищённой компании может только ответственный, его руководитель или администратор.',
    number_removal_forbidden:
      'Убрать телефон защищённой компании может только руководитель ответственного или администратор.',
    removal_forbidden: 'Удалить защищённую компанию может только руководитель ответственного или администратор.',
    team_change_forbidden:
      'Менять команду этой компании может только ответственный, его руководитель или администратор.',
    company_change_forbidden: 'Менять защищённую компанию и её связи может только тот, кто с ней работает.',
    unlink_forbidden: 'Отвязать это от защищённой компании может только руководитель ответственного или администратор.',
    merge_forbidden:
      'Объединять то, что касается этой компании, может только руководитель ответственного или администратор.',
    already_undone: 'Это уже отменили.',
    undo_expired: 'Объединение можно отменить только в течение 30 дней.',
    merged_again: 'Запись с тех пор объединили с другой. Сначала отмените то объединение.',
    record_gone: 'Одной из записей этого объединения больше нет.',
  },
}
