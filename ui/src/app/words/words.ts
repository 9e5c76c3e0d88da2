// Words in the user's language: the sentence of a key, with its {names} filled in.

import type { Words } from '../../api/records'
import type { Lang } from '../../card/words'
import { en, type Word } from './en'
import { happened } from './happened'
import { ru } from './ru'
import { faults, whys } from './why'

export type { Word } from './en'

export const tables: Record<Lang, Record<Word, string>> = { en, ru }

/** Everything that speaks one language. */
export interface Tongue {
  lang: Lang
  /** The words of a key; `{name}` is replaced by the argument of that name. */
  t(key: Word, args?: Record<string, string | number>): string
  /** Why a verdict is as it is; an unknown code stands for itself. */
  why(code: string): string
  /** A text that came in both languages. */
  in(words: Words): string
  /** What went wrong, from the stable code of a problem; an unknown code stands for itself. What `args` lack is left out of its words. */
  fault(code: string, args?: Record<string, unknown>): string
  /** What a verb of the journal says. */
  happened(verb: string): string
  /** Words of `prefix.code`, or the code when this version does not know it. */
  named(prefix: string, code: string): string
  /** A moment in the browser's time zone; empty for null. `exact` has the seconds. */
  exact(rfc3339: string | null | undefined): string
  /** With the year where it is not this one. */
  time(rfc3339: string | null | undefined): string
  date(rfc3339: string | null | undefined): string
  /** The time of day with seconds. */
  clock(at: number): string
  /** Seconds as m:ss. */
  duration(seconds: number | null | undefined): string
}

/** The tongue of a language. */
export function tongue(lang: Lang): Tongue {
  const table = tables[lang]
  const t = (key: Word, args: Record<string, string | number> = {}) =>
    table[key].replace(/\{(\w+)\}/g, (whole, name: string) => (name in args ? String(args[name]) : whole))
  const locale = lang === 'ru' ? 'ru-RU' : 'en-GB'
  // Twenty-four hours in both languages, whatever the browser is set to.
  const formatterOf = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { ...options, ...(options.hour && { hourCycle: 'h23' }) })
  const format = (options: Intl.DateTimeFormatOptions) => {
    const formatter = formatterOf(options)
    return (text: string | null | undefined) => {
      const at = text ? new Date(text) : null
      return at && !Number.isNaN(at.getTime()) ? formatter.format(at) : ''
    }
  }
  const soon = format({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
  const late = format({ day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' })
  const clockOf = formatterOf({ hour: '2-digit', minute: '2-digit', second: '2-digit' })
  return {
    lang,
    t,
    in: (words) => words[lang],
    why: (code) => whys[lang][code] ?? code,
    fault: (code, args = {}) =>
      (faults[lang][code] ?? code)
        .replace(/\{(\w+)\}/g, (_, name: string) => (typeof args[name] === 'string' ? args[name] : ''))
        .trim(),
    happened: (verb) => happened[lang][verb] ?? verb,
    named: (prefix, code) => (table as Record<string, string>)[`${prefix}.${code}`] ?? code,
    exact: format({ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit' }),
    time: (text) => (thisYear(text) ? soon(text) : late(text)),
    date: format({ day: 'numeric', month: 'short', year: 'numeric' }),
    clock: (at) => clockOf.format(at),
    duration,
  }
}

function thisYear(text: string | null | undefined): boolean {
  return Boolean(text) && new Date(text!).getFullYear() === new Date().getFullYear()
}

function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return ''
  const two = (n: number) => String(n).padStart(2, '0')
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}
