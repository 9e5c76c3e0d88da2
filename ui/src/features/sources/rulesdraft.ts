import type { NumberRule, SourceRequest, Understanding } from './api'

/** How many numbers of the last requests are tried at once. */
const most = 12

/** The numbers of the last requests, the newest first, each once. */
export function numbersOf(requests: SourceRequest[]): string[] {
  const events = requests.flatMap(({ understood }) => (understood as Understanding | null)?.events ?? [])
  return [...new Set(events.map(({ number }) => number ?? '').filter(Boolean))].slice(0, most)
}

/** The rule for a digit that is dialled to get an outside line. */
export const outsideLine = (digit: string): NumberRule => ({ pattern: `${digit}(\\d{7,}|\\+\\d+)`, replacement: '$1' })
