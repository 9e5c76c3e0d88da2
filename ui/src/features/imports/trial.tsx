import { Anchor, Text, Title } from '@mantine/core'
import { useI18n } from '../../app/context'
import { ColorMark } from '../../parts/links'
import { Rows } from '../../parts/pages'
import { type Import, importsApi, type Trial } from './api'
import { words } from './words'

type Numbers = Pick<Import, 'rows' | 'added' | 'changed' | 'same' | 'refused'>

/** How many rows became what. */
export function Counts({ of, dropped }: { of: Numbers; dropped: number }) {
  const { t } = useI18n(words)
  const names = ['rows', 'added', 'changed', 'same', 'refused'] as const
  return (
    <ul className="tiles counts">
      {names.map((name) => (
        <li key={name} className={name === 'refused' && of.refused ? 'tile' : 'tile clean'}>
          <span>{t(`imports.${name}`)}</span>
          <strong>{of[name]}</strong>
        </li>
      ))}
      <li className="tile clean">
        <span>{t('imports.dropped')}</span>
        <strong>{dropped}</strong>
      </li>
    </ul>
  )
}

/** What a dry run found: counts, the colours of the last calls, the first faults. */
export function TrialResult({ one, trial }: { one: Import; trial: Trial }) {
  const { t } = useI18n(words)
  const { calls, faults } = trial
  return (
    <>
      <Counts of={trial} dropped={trial.dropped} />
      {calls && (
        <>
          <Text mt="md" fw={600}>
            {t(calls.changed ? 'imports.calls' : 'imports.calls.none', {
              looked: calls.looked,
              changed: calls.changed,
            })}
          </Text>
          {calls.counts.length > 0 && (
            <Rows
              rows={calls.counts}
              keyOf={(row) => `${row.old} ${row.new}`}
              label={t('imports.calls.count')}
              columns={[
                { head: t('imports.calls.was'), cell: (row) => <ColorMark color={row.old} /> },
                { head: t('imports.calls.would'), cell: (row) => <ColorMark color={row.new} /> },
                { head: t('imports.calls.count'), cell: (row) => row.count },
              ]}
            />
          )}
        </>
      )}
      {faults.length > 0 && (
        <>
          <Title order={3} mt="md" mb="xs">
            {t('imports.faults')}
          </Title>
          <Rows
            rows={faults}
            keyOf={(row) => `${row.line} ${row.column} ${row.code} ${row.value}`}
            label={t('imports.faults')}
            columns={[
              { head: t('imports.line'), cell: (row) => row.line },
              { head: t('imports.column'), cell: (row) => row.column },
              { head: t('imports.value'), cell: (row) => row.value },
              { head: t('imports.reason'), cell: (row) => <Reason code={row.code} sentence={row.sentence} /> },
            ]}
          />
          <Text mt="sm">
            <Anchor href={importsApi.refused(one.id)} download>
              {t('imports.report')}
            </Anchor>
          </Text>
        </>
      )}
    </>
  )
}

/** Why a row was refused; the sentence of the server where there is none here. */
function Reason({ code, sentence }: { code: string; sentence: string }) {
  const { fault } = useI18n(words)
  const text = fault(code)
  return <>{text === code ? sentence : text}</>
}
