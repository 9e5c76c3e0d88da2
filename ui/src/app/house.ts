// What every screen finds in the house: the stream, the stage, the language.

import { useQuery } from '@tanstack/react-query'
import { createContext, use, useSyncExternalStore } from 'react'
import type { Me, Role } from '../api/records'
import { api } from '../api/routes'
import type { LiveState } from '../live/feed'
import type { Live } from '../live/live'
import type { Stage } from '../stage/stage'
import type { Taste } from '../taste'
import type { Tongue } from './words/words'

/** What boot hands over. `live` is null on the sign-in page, where there is no user to listen for. */
export interface Furniture {
  live: Live | null
  stage: Stage
  taste: Taste
}

export interface House extends Furniture {
  /** The look in use, `auto` resolved. */
  scheme: 'light' | 'dark'
  tongue: Tongue
  like(change: Partial<Taste>): void
}

export const HouseContext = createContext<House | null>(null)

export function useHouse(): House {
  const house = use(HouseContext)
  if (!house) throw new Error('useHouse outside of the house')
  return house
}

export const useTongue = (): Tongue => useHouse().tongue

/** The signed-in user; screens are only drawn when there is one. */
export function useMe(): Me {
  const { data } = useQuery({ queryKey: ['me'], queryFn: api.me, staleTime: Infinity })
  if (!data) throw new Error('useMe outside of the shell')
  return data
}

export const has = (me: Me, ...roles: Role[]): boolean => roles.some((role) => me.roles.includes(role))

const nothing: LiveState = { connection: 'connecting', lastEventAt: 0, cards: [], dismissed: [] }

export function useLive(): LiveState {
  const { live } = useHouse()
  return useSyncExternalStore(live?.subscribe ?? noSubscription, live?.state ?? (() => nothing))
}

const noSubscription = () => () => {}
