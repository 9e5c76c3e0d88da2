import { useI18n } from '../../app/context'
import type { Understanding } from './api'
import { rulesWords } from './ruleswords'

/**
 * Why a request was refused, in words: "bad_signature", or the fields that are wrong behind it, as in
 * "invalid_input; event: required; call_id: required".
 */
export function refusalOf(refused: string, fault: (code: string) => string): string {
  const [code = '', ...fields] = refused.split('; ')
  if (fields.length === 0) return fault(code)
  const parts = fields.map((field) => field.split(': '))
  return parts.map(([name, wrong]) => (wrong ? `${name}: ${fault(wrong)}` : name)).join('; ')
}

/** The call events of a request, a line each, with what was noted or why it is not used. `empty` stands for none of it. */
export function Understood({ of, empty }: { of: unknown; empty?: string }) {
  const { t, fault } = useI18n(rulesWords)
  const { ignored, note, events = [], dropped = [] } = (of ?? {}) as Understanding
  return (
    <>
      {ignored && <div>{ignored}</div>}
      {note && <div>{note}</div>}
      {events.map((event, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a request never changes
        <div key={i}>
          {[event.event, event.direction, event.number, event.agent, event.result, event.call_id]
            .filter(Boolean)
            .join(' · ')}
        </div>
      ))}
      {dropped.length > 0 && (
        <div>
          {t('dropped.title')}: {dropped.map(({ field, code }) => `${field} (${fault(code)})`).join(', ')}
        </div>
      )}
      {empty && !note && events.length === 0 && <div>{empty}</div>}
    </>
  )
}
