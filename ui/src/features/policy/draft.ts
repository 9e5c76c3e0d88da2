// What the parts of the policy's screen share: a draft, how it is changed, and what is wrong with it.

import type { I18nOf } from '../../i18n/i18n'
import type { Faults } from '../../parts/faults'
import type { Policy } from './api'
import type { words } from './words'

export interface DraftProps {
  draft: Policy
  put: (change: Partial<Policy>) => void
  faults: Faults
}

/** The fields in which two policies differ, the version aside. */
export function differences(a: Policy, b: Policy): string[] {
  const fields = new Set([...Object.keys(a), ...Object.keys(b)])
  const value = (policy: Policy, field: string) => JSON.stringify((policy as unknown as Record<string, unknown>)[field])
  return [...fields].filter((field) => field !== 'version' && value(a, field) !== value(b, field))
}

/** A field of the policy as the screen calls it. */
export function fieldName(field: string, { t, named }: I18nOf<typeof words>): string {
  if (field === 'priority') return t('policy.order')
  if (field.startsWith('palette')) return t('policy.colors')
  const name = named('policy', field)
  return name === `policy.${field}` ? field : name
}
