// A call begun from the screen: first whose client it is, then what the agent says to that, then the PBX.

import { useQuery } from '@tanstack/react-query'
import { createContext, type ReactNode, type RefObject, use, useCallback, useMemo, useRef, useState } from 'react'
import { type Card, cardKey } from '../../../api/contract'
import { type Dialled, dialApi, type Telephone } from '../../../api/dial'
import { api } from '../../../api/routes'
import { useHouse } from '../../house'
import { cautionOf } from './caution'
import { DialBar } from './dialbar'
import { Question } from './question'
import { readSource, saveSource } from './source'

/** A call on its way, from the press on the button until its card is there. */
export type Deed =
  | { at: 'cannot'; number: string; why: string }
  | { at: 'checking'; number: string }
  /** The agent is asked: to look, for a reason, or through which source. */
  | { at: 'asking'; number: string; card: Card }
  | { at: 'ordering'; number: string; card: Card }
  /** The agent's telephone rings. `before` are the cards that were there already. */
  | { at: 'ringing'; number: string; dialled: Dialled; reason: string; before: string[] }
  | { at: 'failed'; number: string; error: unknown }

interface Dialler {
  telephone: Telephone | undefined
  deed: Deed | null
  /** Through which source calls go; empty while that is to be chosen. */
  source: string
  choose(source: string): void
  /** Begins a call; nothing happens while another one is on its way to the PBX. */
  call(number: string): void
  /** Goes on with the call that is asked about. */
  goOn(reason: string): void
  drop(): void
  /** What was pressed. */
  origin: RefObject<HTMLElement | null>
}

const DialContext = createContext<Dialler | null>(null)

export function useDialler(): Dialler {
  const dialler = use(DialContext)
  if (!dialler) throw new Error('useDialler outside of the shell')
  return dialler
}

/** Gives the pages inside something to dial with. */
export function Dialling({ children }: { children: ReactNode }) {
  const { live } = useHouse()
  const { data: telephone } = useQuery({
    queryKey: ['telephone'],
    queryFn: dialApi.telephone,
    staleTime: 60_000,
    retry: false,
  })
  const [wanted, setWanted] = useState(() => readSource(localStorage))
  const [deed, setDeed] = useState<Deed | null>(null)
  // A press that comes before the screen has changed must not begin a second call.
  const busy = useRef(false)
  const origin = useRef<HTMLElement>(null)

  const sources = telephone?.sources
  const source = useMemo(
    () => (sources?.includes(wanted) ? wanted : sources?.length === 1 ? sources[0]! : ''),
    [sources, wanted],
  )
  const choose = useCallback((name: string) => {
    saveSource(localStorage, name)
    setWanted(name)
  }, [])

  const order = useCallback(
    async (number: string, card: Card, reason: string) => {
      busy.current = true
      setDeed({ at: 'ordering', number, card })
      const before = (live?.state().cards ?? []).map(cardKey)
      try {
        setDeed({ at: 'ringing', number, dialled: await dialApi.dial(number, source), reason, before })
      } catch (error) {
        setDeed({ at: 'failed', number, error })
      } finally {
        busy.current = false
      }
    },
    [live, source],
  )

  const call = useCallback(
    async (number: string) => {
      if (busy.current || !telephone) return
      origin.current = document.activeElement instanceof HTMLElement ? document.activeElement : null
      if (telephone.why) return setDeed({ at: 'cannot', number, why: telephone.why })
      busy.current = true
      setDeed({ at: 'checking', number })
      try {
        const card = await api.check(number, 'out')
        if (source && cautionOf(card) === 'free') await order(number, card, '')
        else setDeed({ at: 'asking', number, card })
      } catch (error) {
        setDeed({ at: 'failed', number, error })
      } finally {
        busy.current = false
      }
    },
    [telephone, source, order],
  )

  const dialler = useMemo<Dialler>(
    () => ({
      telephone,
      deed,
      source,
      choose,
      call: (number) => void call(number),
      goOn: (reason) => {
        if (deed?.at === 'asking') void order(deed.number, deed.card, reason)
      },
      drop: () => setDeed(null),
      origin,
    }),
    [telephone, deed, source, choose, call, order],
  )
  return (
    <DialContext value={dialler}>
      {children}
      <Question />
      <DialBar />
    </DialContext>
  )
}
