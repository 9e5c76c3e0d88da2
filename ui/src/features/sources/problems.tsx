import { useI18n } from '../../app/context'
import type { Source } from './api'
import { rulesWords } from './ruleswords'

/** What is wrong with a source that works otherwise, a line each. */
export function Problems({ of }: { of: Source['problems'] }) {
  const { t } = useI18n(rulesWords)
  if (of.length === 0) return null
  return (
    <ul className="amiss" role="status">
      {of.map(({ code, count = 0, minutes = 0 }) => (
        <li key={code}>{t(`problem.${code}`, { count, minutes })}</li>
      ))}
    </ul>
  )
}
