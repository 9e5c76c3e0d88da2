import type { Card } from '../../api/types'
import { useI18n } from '../../app/context'
import { words } from './words'

/** Everything that the verdict stands on, in words. */
export function Why({ card }: { card: Card }) {
  const { t, why, named, exact } = useI18n(words)
  const { verdict, number } = card
  const facts: Array<[string, string]> = [
    [t('check.why'), why(verdict.why)],
    [t('check.relation'), named('relation', verdict.relation)],
    [t('check.read_as'), number.e164 || number.raw],
    [t('check.number_kind'), named('number', number.kind)],
    [t('check.code'), verdict.why],
    [t('check.row'), verdict.row ?? '—'],
    [t('check.policy'), String(verdict.policy)],
    [t('check.decided'), exact(verdict.decided_at)],
  ]
  return (
    <dl className="factlist">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
