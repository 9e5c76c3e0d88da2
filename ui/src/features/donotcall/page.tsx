import { Button, Text, TextInput, Title } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { has, useI18n, useMe } from '../../app/context'
import { pretty } from '../../card/number'
import { notify, Refused } from '../../parts/asyncstate'
import { FormFaults, useFaults } from '../../parts/formfaults'
import { moment } from '../../parts/moment'
import { type Column, Pages } from '../../parts/pages'
import { words as journalWords } from '../journal/words'
import { doNotCallApi, type DoNotCall as Entry } from './api'
import { words } from './words'

const texts = words.with(journalWords)

/** The numbers that must not be called; heads and administrators keep them. */
export function DoNotCallList() {
  const { t, time } = useI18n(texts)
  const me = useMe()
  const queries = useQueryClient()
  const [search, setSearch] = useState('')
  const [q] = useDebouncedValue(search.trim(), 250)
  const keeps = has(me, 'supervisor', 'admin') || me.teams.length > 0
  const remove = useMutation({
    mutationFn: doNotCallApi.remove,
    onSettled: () => queries.invalidateQueries({ queryKey: ['do-not-call'] }),
  })
  const columns: Column<Entry>[] = [
    { head: t('dnc.number'), cell: (entry) => <strong className="whole">{pretty(entry.number)}</strong> },
    { head: t('dnc.reason'), cell: (entry) => entry.reason },
    {
      head: t('dnc.since'),
      cell: (entry) => (
        <time dateTime={entry.since} className="whole">
          {time(entry.since)}
        </time>
      ),
    },
    {
      head: t('dnc.until'),
      cell: (entry) =>
        entry.until ? (
          <time dateTime={entry.until} className="whole">
            {time(entry.until)}
          </time>
        ) : (
          t('dnc.for_good')
        ),
    },
    { head: t('dnc.by'), cell: (entry) => entry.by?.name ?? t('journal.machine'), minor: true },
    ...(keeps
      ? [
          {
            head: t('dnc.remove'),
            cell: (entry: Entry) => (
              <Button
                size="xs"
                variant="default"
                aria-label={t('dnc.remove.of', { number: pretty(entry.number) })}
                onClick={() => remove.mutate(entry.id)}
              >
                {t('dnc.remove')}
              </Button>
            ),
          },
        ]
      : []),
  ]
  return (
    <div className="page">
      <Title order={1}>{t('dnc.title')}</Title>
      <Text className="quiet" mb="md">
        {t('dnc.lead')}
      </Text>
      {keeps ? (
        <Add />
      ) : (
        <Text className="quiet" mb="md">
          {t('dnc.rule')}
        </Text>
      )}
      <div className="ask">
        <TextInput
          label={t('app.search')}
          placeholder={t('dnc.search')}
          type="search"
          value={search}
          onChange={(e) => setSearch(e.currentTarget.value)}
          className="wide"
        />
      </div>
      {remove.error ? <Refused error={remove.error} /> : null}
      <Pages
        name="do-not-call"
        load={doNotCallApi.list}
        query={{ q }}
        columns={columns}
        keyOf={(entry) => entry.id}
        label={t('dnc.title')}
        searched={Boolean(q)}
      />
    </div>
  )
}

function Add() {
  const { t } = useI18n(texts)
  const queries = useQueryClient()
  const [number, setNumber] = useState('')
  const [reason, setReason] = useState('')
  const [until, setUntil] = useState('')
  const add = useMutation({
    mutationFn: () => doNotCallApi.add(number.trim(), reason.trim(), moment(until)),
    onSuccess: async (entry) => {
      setNumber('')
      setReason('')
      setUntil('')
      notify(t('dnc.added', { number: pretty(entry.number) }))
      await queries.invalidateQueries({ queryKey: ['do-not-call'] })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    add.mutate()
  }
  const faults = useFaults(add.error)
  return (
    <form onSubmit={submit} className="panel">
      <FormFaults of={faults} />
      <div className="ask flush">
        <TextInput
          label={t('dnc.number')}
          required
          type="tel"
          value={number}
          error={faults.at('number')}
          onChange={(e) => setNumber(e.currentTarget.value)}
        />
        <TextInput
          className="wide"
          label={t('dnc.reason')}
          required
          maxLength={500}
          value={reason}
          error={faults.at('reason')}
          onChange={(e) => setReason(e.currentTarget.value)}
        />
        <TextInput
          type="datetime-local"
          label={t('dnc.until.label')}
          value={until}
          error={faults.at('until')}
          onChange={(e) => setUntil(e.currentTarget.value)}
        />
        <Button type="submit" loading={add.isPending}>
          {t('dnc.add')}
        </Button>
      </div>
    </form>
  )
}
