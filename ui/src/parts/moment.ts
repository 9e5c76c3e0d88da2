/** What a date field of the browser says, as RFC 3339; empty for nothing. */
export function moment(local: string): string {
  const at = local ? new Date(local) : null
  return at && !Number.isNaN(at.getTime()) ? at.toISOString() : ''
}
