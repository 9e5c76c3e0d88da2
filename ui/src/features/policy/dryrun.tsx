// A dry run: what another policy, or other effects of statuses, would have made of the last calls.

import { Button, NumberInput, Stack, Text, Title } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type KeyboardEvent, useState } from 'react'
import { Link } from 'react-router'
import type { Color } from '../../api/types'
import { useI18n } from '../../app/context'
import { pretty } from '../../card/number'
import type { Faults } from '../../parts/faults'
import { FormFaults, useFaults } from '../../parts/formfaults'
import { ClientLink, ColorMark, VerdictLine } from '../../parts/links'
import { type Column, Rows } from '../../parts/pages'
import { words as callsWords } from '../calls/words'
import { type CallChange, type DryRun, policyApi, type Trial } from './api'
import { words } from './words'

const texts = words.with(callsWords)

interface Props {
  trial: Omit<Trial, 'last'>
  disabled?: boolean
  /** Those of the form around it, which shows them; without a form they are shown here. */
  faults?: Faults
  /** Is called with what was refused; null when a new try begins. */
  onRefused?: (error: unknown) => void
}

/** Asks for a dry run and shows what it found. A trial that has changed since drops the old answer. */
export function Rehearsal({ trial, disabled, faults: around, onRefused }: Props) {
  const { t } = useI18n(texts)
  const [last, setLast] = useState<number | string>(1000)
  const run = useMutation({
    mutationFn: (asked: Trial) => policyApi.dryRun(asked),
    onMutate: () => onRefused?.(null),
    onError: (error) => onRefused?.(error),
  })
  const start = () => {
    if (!disabled) run.mutate({ ...trial, last: Number(last) })
  }
  // The field may stand in a form whose Enter would save what is only being tried.
  const enter = (event: KeyboardEvent) => {
    if (event.key !== 'Enter') return
    event.preventDefault()
    start()
  }
  const fresh = run.variables && JSON.stringify({ ...run.variables, last: 0 }) === JSON.stringify({ ...trial, last: 0 })
  const own = useFaults(fresh && run.error)
  const faults = around ?? own
  return (
    <div>
      {!around && <FormFaults of={own} />}
      <div className="ask flush">
        <NumberInput
          label={t('try.last')}
          value={last}
          min={1}
          max={10_000}
          clampBehavior="none"
          error={faults.at('last')}
          onChange={setLast}
          onKeyDown={enter}
          w={190}
        />
        <Button variant="default" disabled={disabled} loading={run.isPending} onClick={start}>
          {t('try.button')}
        </Button>
      </div>
      {run.data && fresh && <Outcome outcome={run.data} />}
    </div>
  )
}

function Outcome({ outcome: { looked, counts, calls } }: { outcome: DryRun }) {
  const { t } = useI18n(texts)
  if (looked === 0)
    return (
      <Text role="status" mt="sm">
        {t('try.none')}
      </Text>
    )
  // The list is cut at 500 cards; colours alone can be counted beyond that.
  const recoloured = counts.reduce((sum, count) => sum + (count.old === count.new ? 0 : count.count), 0)
  const changed = Math.max(recoloured, calls.length)
  return (
    <Stack gap="md" mt="sm">
      <div role="status">
        <Text fw={700}>{changed ? t('try.changes', { looked, changed }) : t('try.same', { looked })}</Text>
        <Text size="sm" className="quiet">
          {t('try.lead')}
        </Text>
      </div>
      <Matrix counts={counts} />
      {calls.length > 0 && <Changes calls={calls} />}
    </Stack>
  )
}

const order: Color[] = ['red', 'yellow', 'blue', 'none', 'grey']

/** Counts by the colour now (rows) and then (columns); only colours that occur. */
function Matrix({ counts }: { counts: DryRun['counts'] }) {
  const { t } = useI18n(texts)
  const rows = order.filter((color) => counts.some((count) => count.old === color))
  const columns = order.filter((color) => counts.some((count) => count.new === color))
  const cell = (row: Color, column: Color) =>
    counts.find((count) => count.old === row && count.new === column)?.count ?? 0
  return (
    <div className="matrix" role="region" aria-label={t('try.matrix')} tabIndex={0}>
      <table>
        <caption>{t('try.matrix')}</caption>
        <thead>
          <tr>
            <td className="quiet">{t('try.corner')}</td>
            {columns.map((color) => (
              <th key={color} scope="col">
                <ColorMark color={color} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row}>
              <th scope="row">
                <ColorMark color={row} />
              </th>
              {columns.map((column) => {
                const count = cell(row, column)
                return (
                  <td key={column} className={row === column ? 'same' : count ? 'changed' : 'quiet'}>
                    {count}
                  </td>
                )
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const step = 50

function Changes({ calls }: { calls: CallChange[] }) {
  const { t, time } = useI18n(texts)
  const [shown, setShown] = useState(step)
  const columns: Column<CallChange>[] = [
    {
      head: t('calls.time'),
      cell: (change) => (
        <Link to={`/calls/${change.call}`} className="whole">
          {time(change.started_at)}
        </Link>
      ),
    },
    { head: t('calls.agent'), cell: ({ agent }) => agent?.name ?? '' },
    {
      head: t('calls.client'),
      cell: ({ subject, number }) =>
        subject ? (
          <ClientLink kind={subject.kind} id={subject.id} name={subject.name} />
        ) : (
          <span className="whole">{pretty(number)}</span>
        ),
    },
    { head: t('try.old'), cell: (change) => <VerdictLine verdict={change.old} /> },
    { head: t('try.new'), cell: (change) => <VerdictLine verdict={change.new} /> },
    { head: t('try.shown'), cell: (change) => <ColorMark color={change.shown} />, minor: true },
  ]
  return (
    <section>
      <Title order={3} size="h5" mb="xs">
        {t('try.calls')}
      </Title>
      <Rows
        rows={calls.slice(0, shown)}
        columns={columns}
        keyOf={(change) => `${change.call} ${change.agent?.id ?? 0}`}
        label={t('try.calls')}
      />
      {calls.length > shown && (
        <Button mt="sm" variant="default" onClick={() => setShown(shown + step)}>
          {t('app.more')}
        </Button>
      )}
    </section>
  )
}
