import { useI18n } from '../../app/context'
import type { Source } from './api'
import { rulesWords } from './ruleswords'
import { words } from './words'

/** How the connection to the other side stands; one that failed is in red, with its reason. */
export function LinkState({ of: { state, why } }: { of: NonNullable<Source['link']> }) {
  const { named, fault } = useI18n(words)
  return (
    <span className={state === 'failed' ? 'amiss' : undefined}>
      {[named('link.state', state), why && fault(why)].filter(Boolean).join(': ')}
    </span>
  )
}

/** What is wrong with a source that works otherwise, a line each. */
export function Problems({ of }: { of: Source['problems'] }) {
  const { t } = useI18n(rulesWords)
  if (of.length === 0) return null
  return (
    <div role="status">
      <ul className="amiss">
        {of.map(({ code, count = 0, minutes = 0 }) => (
          <li key={code}>{t(`problem.${code}`, { count, minutes })}</li>
        ))}
      </ul>
    </div>
  )
}
