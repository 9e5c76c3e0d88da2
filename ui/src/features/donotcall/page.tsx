import { TextInput } from '@mantine/core'
import { has, useI18n, useMe } from '../../app/context'
import { pretty } from '../../card/number'
import { notify } from '../../parts/asyncstate'
import { FormRow, useForm } from '../../parts/form'
import { Time } from '../../parts/links'
import { Lead, ListPage } from '../../parts/listpage'
import { moment } from '../../parts/moment'
import type { Column } from '../../parts/pages'
import { useRowAction } from '../../parts/rowaction'
import { doNotCallApi, type DoNotCall as Entry } from './api'
import { words } from './words'

/** The numbers that must not be called; heads and administrators keep them. */
export function DoNotCallList() {
  const { t } = useI18n(words)
  const me = useMe()
  const mayChange = has(me, 'supervisor', 'admin') || me.teams.length > 0
  const remove = useRowAction<Entry>({
    head: t('dnc.remove'),
    label: ({ number }) => t('dnc.remove.of', { number: pretty(number) }),
    send: ({ id }) => doNotCallApi.remove(id),
    changes: 'do-not-call',
  })
  const columns: Column<Entry>[] = [
    { head: t('dnc.number'), cell: ({ number }) => <strong className="whole">{pretty(number)}</strong> },
    { head: t('dnc.reason'), cell: ({ reason }) => reason },
    { head: t('dnc.since'), cell: ({ since }) => <Time at={since} /> },
    { head: t('dnc.until'), cell: ({ until }) => (until ? <Time at={until} /> : t('dnc.for_good')) },
    { head: t('dnc.by'), cell: ({ by }) => by?.name ?? t('app.machine'), minor: true },
  ]
  return (
    <ListPage
      title={t('dnc.title')}
      lead={t('dnc.lead')}
      name="do-not-call"
      files="/api/v1/do-not-call"
      load={doNotCallApi.list}
      query={{}}
      search={t('dnc.search')}
      columns={mayChange ? [...columns, remove.column] : columns}
      keyOf={({ id }) => id}
    >
      {mayChange ? <Add /> : <Lead>{t('dnc.rule')}</Lead>}
      {remove.refused}
    </ListPage>
  )
}

function Add() {
  const { t } = useI18n(words)
  const form = useForm({
    empty: { number: '', reason: '', until: '' },
    send: ({ number, reason, until }) => doNotCallApi.add(number.trim(), reason.trim(), moment(until)),
    done: (entry) => notify(t('dnc.added', { number: pretty(entry.number) })),
    changes: 'do-not-call',
  })
  return (
    <FormRow form={form} button={t('dnc.add')} panel>
      <TextInput label={t('dnc.number')} required type="tel" {...form.text('number')} />
      <TextInput className="wide" label={t('dnc.reason')} required maxLength={500} {...form.text('reason')} />
      <TextInput type="datetime-local" label={t('dnc.until.label')} {...form.text('until')} />
    </FormRow>
  )
}
