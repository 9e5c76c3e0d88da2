import type { CardNumber } from '../../api/types'

/** What can be dialled of a number of a call: E.164, an extension of ours, or nothing. */
export function dialable({ kind, e164, raw }: CardNumber): string {
  if (kind === 'external') return e164
  return kind === 'internal' ? raw : ''
}
