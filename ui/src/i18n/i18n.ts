// Texts in the user's language: the sentence of a key, with its {names} filled in. Each feature has a table of its own,
// and all share this one's.

import type { Lang } from '../card/words'
import { faults } from './faults'
import { type Formats, format } from './format'
import { reasons } from './reasons'
import { type SharedKey, shared } from './shared'

/** A text in both languages. */
export type Text = Record<Lang, string>

/** Texts by their keys, in both languages. */
export type Table<Key extends string> = Record<Lang, Record<Key, string>>

/** Everything that depends on the language. */
export interface I18n<Key extends string = never> extends Formats {
  lang: Lang
  /** The text of a key; `{name}` is replaced by the argument of that name. */
  t(key: Key | SharedKey, args?: Record<string, string | number>): string
  /** The text of `prefix.code`, or the code when this version does not know it. */
  named(prefix: string, code: string): string
  /** Why a verdict is as it is; an unknown code stands for itself. */
  why(code: string): string
  /** What went wrong, by the stable code of a problem; an unknown code stands for itself. An argument that is missing is left out. */
  fault(code: string, args?: Record<string, unknown>): string
  /** A text that came in both languages. */
  in(text: Text): string
}

/** The texts of a feature, with the shared ones. */
export class Words<Key extends string = never> {
  readonly table: Table<Key>
  readonly #spoken = new Map<Lang, I18n<Key>>()

  constructor(table: Table<Key>) {
    this.table = table
  }

  /** The same, from texts that each stand beside their translation. */
  static of<Key extends string>(texts: Record<Key, Text>): Words<Key> {
    const all = Object.entries<Text>(texts)
    const table = (lang: Lang) => Object.fromEntries(all.map(([key, text]) => [key, text[lang]]))
    return new Words({ en: table('en'), ru: table('ru') } as Table<Key>)
  }

  /** These texts and another feature's. */
  with<Other extends string>(other: Words<Other>): Words<Key | Other> {
    const both = (lang: Lang) => ({ ...this.table[lang], ...other.table[lang] }) as Record<Key | Other, string>
    return new Words({ en: both('en'), ru: both('ru') })
  }

  /** The same object for the same language. */
  in(lang: Lang): I18n<Key> {
    const known = this.#spoken.get(lang)
    if (known) return known
    const spoken = speak<Key>(lang, { ...shared[lang], ...this.table[lang] })
    this.#spoken.set(lang, spoken)
    return spoken
  }
}

/** The shared texts alone. */
export const sharedWords = new Words<never>({ en: {}, ru: {} })

const formats: Record<Lang, Formats> = { en: format('en-GB'), ru: format('ru-RU') }

function speak<Key extends string>(lang: Lang, texts: Record<string, string>): I18n<Key> {
  return {
    ...formats[lang],
    lang,
    t: (key, args = {}) => fill(texts[key]!, (name, whole) => (name in args ? String(args[name]) : whole)),
    named: (prefix, code) => texts[`${prefix}.${code}`] ?? code,
    why: (code) => reasons[lang][code] ?? code,
    fault: (code, args = {}) =>
      fill(faults[lang][code] ?? code, (name) => (typeof args[name] === 'string' ? args[name] : '')).trim(),
    in: (text) => text[lang],
  }
}

const fill = (text: string, by: (name: string, whole: string) => string): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => by(name, whole))

/** The keys of a feature's texts. */
export type KeyOf<W> = W extends Words<infer Key> ? Key : never

/** What speaks the texts of a feature. */
export type I18nOf<W> = W extends Words<infer Key> ? I18n<Key> : never
