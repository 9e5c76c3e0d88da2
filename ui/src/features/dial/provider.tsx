// A call begun from the screen: first whose client it is, then what the agent says to that, then the PBX.

import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useCallback, useMemo, useRef, useState } from 'react'
import type { Card } from '../../api/types'
import { useAppContext } from '../../app/context'
import { cardKey } from '../../card/key'
import { checkApi } from '../check/api'
import { dialApi } from './api'
import { cautionOf } from './caution'
import { DialContext, type Dialler, type DialState } from './context'
import { DialBar } from './dialbar'
import { Question } from './question'
import { readSource, saveSource } from './source'

/** Gives the pages inside something to dial with. */
export function DialProvider({ children }: { children: ReactNode }) {
  const { live } = useAppContext()
  const { data: telephone } = useQuery({
    queryKey: ['telephone'],
    queryFn: dialApi.telephone,
    staleTime: 60_000,
    retry: false,
  })
  const [wanted, setWanted] = useState(() => readSource(localStorage))
  const [state, setState] = useState<DialState | null>(null)
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
      setState({ at: 'ordering', number, card })
      const before = (live?.state().cards ?? []).map(cardKey)
      try {
        setState({ at: 'ringing', number, dialled: await dialApi.dial(number, source), reason, before })
      } catch (error) {
        setState({ at: 'failed', number, error })
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
      if (telephone.why) return setState({ at: 'cannot', number, why: telephone.why })
      busy.current = true
      setState({ at: 'checking', number })
      try {
        const card = await checkApi.check(number, 'out')
        if (source && cautionOf(card) === 'free') await order(number, card, '')
        else setState({ at: 'asking', number, card })
      } catch (error) {
        setState({ at: 'failed', number, error })
      } finally {
        busy.current = false
      }
    },
    [telephone, source, order],
  )

  const dialler = useMemo<Dialler>(
    () => ({
      telephone,
      state,
      source,
      choose,
      call: (number) => void call(number),
      goOn: (reason) => {
        if (state?.at === 'asking') void order(state.number, state.card, reason)
      },
      drop: () => setState(null),
      origin,
    }),
    [telephone, state, source, choose, call, order],
  )
  return (
    <DialContext value={dialler}>
      {children}
      <Question />
      <DialBar />
    </DialContext>
  )
}
