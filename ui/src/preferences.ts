// What this browser's owner prefers: language and light or dark. Kept in the
// browser, so that the first paint is right before the server is asked.

import { type Lang, langOf } from './card/words'

export type Scheme = 'light' | 'dark' | 'auto'

export interface Preferences {
  lang: Lang
  scheme: Scheme
  /** false while `lang` is only a guess from the browser. */
  chosen: boolean
}

const key = 'callhue.preferences'

/** Reads the preferences; a storage that is empty, broken or forbidden gives the browser's language and `auto`. */
export function readPreferences(storage: Pick<Storage, 'getItem'>, language: string): Preferences {
  const guess: Preferences = { lang: langOf(language), scheme: 'auto', chosen: false }
  try {
    const saved = JSON.parse(storage.getItem(key) ?? 'null') as Partial<Preferences> | null
    if (!saved) return guess
    const scheme = saved.scheme === 'light' || saved.scheme === 'dark' ? saved.scheme : 'auto'
    return saved.lang === 'ru' || saved.lang === 'en'
      ? { lang: saved.lang, scheme, chosen: saved.chosen === true }
      : { ...guess, scheme }
  } catch {
    return guess
  }
}

/** Keeps the preferences; a full or forbidden storage only costs the memory of it. */
export function savePreferences(storage: Pick<Storage, 'setItem'>, preferences: Preferences): void {
  try {
    storage.setItem(key, JSON.stringify(preferences))
  } catch (error) {
    console.warn('the preferences are not kept:', error)
  }
}

/** What `auto` comes to on a system that is dark or not. */
export function shownScheme(scheme: Scheme, systemDark: boolean): 'light' | 'dark' {
  return scheme === 'auto' ? (systemDark ? 'dark' : 'light') : scheme
}

/** Tells Mantine's styles, and by `color-scheme` the card, which half to use. */
export function applyScheme(root: HTMLElement, shown: 'light' | 'dark'): void {
  root.dataset.mantineColorScheme = shown
  root.style.colorScheme = shown
}
