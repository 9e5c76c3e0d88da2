// What every page finds around it: the stream, the live cards, the language, the signed-in user.

import { useQuery } from '@tanstack/react-query'
import { createContext, use, useSyncExternalStore } from 'react'
import { type Me, sessionApi } from '../api/session'
import type { Role } from '../api/types'
import { type I18n, sharedWords, type Words } from '../i18n/i18n'
import type { LiveState } from '../live/feed'
import type { Live } from '../live/live'
import type { LiveCards } from '../livecards/livecards'
import type { Preferences } from '../preferences'

/** What boot hands over. `live` is null on the sign-in page, where there is no user to listen for. */
export interface Started {
  live: Live | null
  liveCards: LiveCards
  preferences: Preferences
}

export interface AppContext extends Started {
  /** The look in use, `auto` resolved. */
  scheme: 'light' | 'dark'
  setPreferences(change: Partial<Preferences>): void
}

export const AppContextProvider = createContext<AppContext | null>(null)

export function useAppContext(): AppContext {
  const context = use(AppContextProvider)
  if (!context) throw new Error('useAppContext outside of the application')
  return context
}

/** The texts of a feature, or the shared ones alone, in the user's language. */
export function useI18n(): I18n
export function useI18n<Key extends string>(words: Words<Key>): I18n<Key>
export function useI18n(words: Words<string> = sharedWords): I18n<string> {
  return words.in(useAppContext().preferences.lang)
}

/** The signed-in user; pages are only drawn when there is one. */
export function useMe(): Me {
  const { data } = useQuery({ queryKey: ['me'], queryFn: sessionApi.me, staleTime: Infinity })
  if (!data) throw new Error('useMe outside of the shell')
  return data
}

export const has = (me: Me, ...roles: Role[]): boolean => roles.some((role) => me.roles.includes(role))

const nothing: LiveState = { connection: 'connecting', lastEventAt: 0, cards: [], dismissed: [] }

export function useLive(): LiveState {
  const { live } = useAppContext()
  return useSyncExternalStore(live?.subscribe ?? noSubscription, live?.state ?? (() => nothing))
}

const noSubscription = () => () => {}
