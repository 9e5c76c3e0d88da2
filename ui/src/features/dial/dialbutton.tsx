import { useI18n } from '../../app/context'
import { pretty } from '../../card/number'
import { useDialler } from './context'
import { Handset } from './handset'
import { words } from './words'

interface Props {
  /** E.164, or an internal number. */
  number: string
  /** With the word beside the sign, where there is room for it. */
  large?: boolean
}

/** Calls a number. Where that cannot be done it says why; those who have no telephone by their role see nothing. */
export function DialButton({ number, large }: Props) {
  const { t, fault } = useI18n(words)
  const { telephone, call } = useDialler()
  if (!telephone || !number) return null
  const { why } = telephone
  const label = [t('dial.call', { number: pretty(number) }), why && fault(why)].filter(Boolean).join('. ')
  return (
    <button
      type="button"
      className={['dial', why && 'cannot', large && 'large'].filter(Boolean).join(' ')}
      aria-label={label}
      title={label}
      onClick={() => call(number)}
    >
      <Handset struck={why !== ''} />
      {large && <span aria-hidden="true">{t('dial.do')}</span>}
    </button>
  )
}
