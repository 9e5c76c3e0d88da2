// Moments and durations in the user's language.

/** Ways to write a moment (RFC 3339, in the browser's time zone; empty for null) and a duration. */
export interface Formats {
  /** With seconds. */
  exact(rfc3339: string | null | undefined): string
  /** With the year where it is not this one. */
  time(rfc3339: string | null | undefined): string
  date(rfc3339: string | null | undefined): string
  /** The time of day with seconds, of Unix milliseconds. */
  clock(at: number): string
  /** Seconds as m:ss. */
  duration(seconds: number | null | undefined): string
}

const day = { day: 'numeric', month: 'short' } as const
const minute = { hour: '2-digit', minute: '2-digit' } as const
const second = { ...minute, second: '2-digit' } as const
const year = { year: 'numeric' } as const

/** The formats of a locale. Twenty-four hours in every language, whatever the browser is set to. */
export function format(locale: string): Formats {
  const formatter = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { ...options, ...(options.hour && { hourCycle: 'h23' }) })
  const moment = (options: Intl.DateTimeFormatOptions) => {
    const written = formatter(options)
    return (text: string | null | undefined) => {
      const at = text ? new Date(text) : null
      return at && !Number.isNaN(at.getTime()) ? written.format(at) : ''
    }
  }
  const thisYear = moment({ ...day, ...minute })
  const otherYear = moment({ ...day, ...year, ...minute })
  const clock = formatter(second)
  return {
    exact: moment({ ...day, ...second }),
    time: (text) => (isThisYear(text) ? thisYear(text) : otherYear(text)),
    date: moment({ ...day, ...year }),
    clock: (at) => clock.format(at),
    duration,
  }
}

function isThisYear(text: string | null | undefined): boolean {
  return Boolean(text) && new Date(text!).getFullYear() === new Date().getFullYear()
}

function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return ''
  const two = (n: number) => String(n).padStart(2, '0')
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}
