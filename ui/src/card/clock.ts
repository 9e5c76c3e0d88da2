import type { Card } from '../api/types'

/** The length of the talk as "m:ss" (with hours when it has them); empty before the answer. `now` in Unix ms. */
export function clock(card: Card, now: number): string {
  const call = card.call
  if (!call?.answered_at) return ''
  const end = call.ended_at ? Date.parse(call.ended_at) : now
  const seconds = Math.max(0, Math.floor((end - Date.parse(call.answered_at)) / 1000))
  if (!Number.isFinite(seconds)) return ''
  const two = (n: number) => String(n).padStart(2, '0')
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}
