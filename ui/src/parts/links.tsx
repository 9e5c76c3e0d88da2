// Small signs that repeat on many pages: a colour with its word, a person, a status.

import { Link } from 'react-router'
import type { Card, Color, Kind, Person, StatusMark, Verdict } from '../api/types'
import { useI18n } from '../app/context'

/** A verdict's colour as a mark: a shape and a word beside the colour, for those who do not see it. */
export function ColorMark({ color }: { color: Color }) {
  const { named } = useI18n()
  return <span className={`mark ${color}`}>{named('color', color)}</span>
}

/** The verdict in one line: its colour and why. */
export function VerdictLine({ verdict }: { verdict: Verdict }) {
  const { why } = useI18n()
  return (
    <span className="verdictline">
      <ColorMark color={verdict.color} /> <span>{verdict.title || why(verdict.why)}</span>
    </span>
  )
}

/** A moment on one line. */
export function Time({ at }: { at: string }) {
  const { time } = useI18n()
  return (
    <time dateTime={at} className="whole">
      {time(at)}
    </time>
  )
}

export function Owner({ owner }: { owner: Person | null | undefined }) {
  const { t } = useI18n()
  if (!owner?.id) return <span className="quiet">{t('owner.none')}</span>
  const extension = owner.extension ? `, ${t('owner.extension')} ${owner.extension}` : ''
  return (
    <span>
      {owner.name}
      {extension}
      {owner.active === false ? ` (${t('owner.left')})` : ''}
    </span>
  )
}

export function StatusLabel({ status }: { status: StatusMark | null | undefined }) {
  if (!status?.code) return <span className="quiet">—</span>
  return (
    <span className="statusmark">
      <svg width="12" height="12" aria-hidden="true">
        <circle cx="6" cy="6" r="5" fill={status.color || 'currentColor'} stroke="currentColor" />
      </svg>
      {status.name}
    </span>
  )
}

const folder: Record<Kind, string> = { company: '/companies', contact: '/contacts', lead: '/leads' }

export const clientPath = (kind: Kind, id: number): string => `${folder[kind]}/${id}`

export function ClientLink({ kind, id, name }: { kind: Kind; id: number; name: string }) {
  if (id === 0) return <span>{name}</span> // only another system knows it
  return <Link to={clientPath(kind, id)}>{name || `#${id}`}</Link>
}

/** The same card as at a call, inside a page. */
export function ShownCard({ card }: { card: Card }) {
  const { lang } = useI18n()
  return <call-card card={card} lang={lang} />
}
