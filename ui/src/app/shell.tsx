// The frame around every page: where one can go, who one is, whether the stream lives.

import { Button, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { Navigate, NavLink, Outlet, useLocation, useNavigate } from 'react-router'
import { asksApi } from '../api/asks'
import { Problem } from '../api/client'
import type { Me, Role } from '../api/records'
import { api } from '../api/routes'
import { langOf } from '../card/words'
import { has, useHouse, useTongue } from './house'
import { useCardActions } from './parts/actions'
import { Asking } from './parts/asking'
import { Dialling } from './parts/dial/dialling'
import { SourceChoice } from './parts/dial/sourcechoice'
import { LiveSign } from './parts/livesign'
import { Refused, Waiting } from './parts/states'
import { TasteSwitch } from './parts/tasteswitch'
import type { Word } from './words/words'

interface Door {
  to: string
  word: Word
  /** Whom it opens for; empty for everybody. The server decides again about all that is behind it. */
  roles: Role[]
}

const doors: Door[] = [
  { to: '/', word: 'nav.today', roles: [] },
  { to: '/check', word: 'nav.check', roles: [] },
  { to: '/calls', word: 'nav.calls', roles: [] },
  { to: '/asks', word: 'nav.asks', roles: [] },
  { to: '/incidents', word: 'nav.incidents', roles: [] },
  { to: '/companies', word: 'nav.companies', roles: [] },
  { to: '/contacts', word: 'nav.contacts', roles: [] },
  { to: '/leads', word: 'nav.leads', roles: [] },
  { to: '/do-not-call', word: 'nav.dnc', roles: [] },
  { to: '/quality', word: 'nav.quality', roles: ['supervisor', 'admin'] },
  { to: '/statuses', word: 'nav.statuses', roles: ['supervisor', 'admin'] },
  { to: '/policy', word: 'nav.policy', roles: ['supervisor', 'admin'] },
  { to: '/users', word: 'nav.users', roles: ['supervisor', 'admin'] },
  { to: '/sources', word: 'nav.sources', roles: ['admin'] },
  { to: '/hooks-out', word: 'nav.hooks', roles: ['admin'] },
  { to: '/journal', word: 'nav.journal', roles: ['supervisor', 'admin'] },
]

const opens = (door: Door, me: Me): boolean => door.roles.length === 0 || has(me, ...door.roles)

export function Shell() {
  const me = useQuery({ queryKey: ['me'], queryFn: api.me, staleTime: Infinity })
  if (me.error instanceof Problem && me.error.status === 401) return <Navigate to="/signin" replace />
  if (me.data)
    return (
      <Asking>
        <Dialling>
          <Frame me={me.data} />
        </Dialling>
      </Asking>
    )
  return me.error ? <Refused error={me.error} again={() => void me.refetch()} /> : <Waiting />
}

function Frame({ me }: { me: Me }) {
  const { t } = useTongue()
  const { taste, like, stage } = useHouse()
  const [open, setOpen] = useState(false)
  const place = useLocation()
  const here = doors.find((door) => door.to !== '/' && place.pathname.startsWith(door.to))
  useCardActions(stage)

  // The user's language counts until somebody chooses another one in this browser.
  useEffect(() => {
    if (!taste.chosen && me.language && langOf(me.language) !== taste.lang) like({ lang: langOf(me.language) })
  }, [me.language, taste.chosen, taste.lang, like])
  useEffect(() => setOpen(false), [place.pathname])

  return (
    <div className="frame">
      <header className="top">
        <a className="skip" href="#main">
          {t('app.skip')}
        </a>
        <span className="brand">
          <img src="/favicon.svg" alt="" width="26" height="26" /> Callhue
        </span>
        <Button
          className="burger"
          variant="default"
          size="sm"
          aria-expanded={open}
          aria-controls="doors"
          onClick={() => setOpen(!open)}
        >
          {t('app.menu')}
        </Button>
      </header>
      <aside className={open ? 'side open' : 'side'} id="doors">
        <nav aria-label={t('app.menu')}>
          {doors
            .filter((door) => opens(door, me))
            .map((door) => (
              <NavLink key={door.to} to={door.to} end={door.to === '/'} className="door">
                {t(door.word)}
                {door.to === '/asks' && <AskBadge />}
              </NavLink>
            ))}
        </nav>
        <div className="foot">
          <LiveSign />
          <Identity me={me} />
          <SourceChoice />
          <TasteSwitch />
        </div>
      </aside>
      <main id="main" tabIndex={-1}>
        {here && !opens(here, me) ? <Refused error={new Problem(403, 'role_missing')} /> : <Outlet />}
      </main>
    </div>
  )
}

/** How many asks wait for the reader's decision; nothing at none. */
function AskBadge() {
  const { t } = useTongue()
  const { data } = useQuery({ queryKey: ['asks', 'count'], queryFn: asksApi.count, refetchInterval: 10_000 })
  if (!data?.open) return null
  return (
    <span className="badge">
      <span aria-hidden="true">{data.open}</span>
      <span className="unseen"> {t('asks.badge', { count: data.open })}</span>
    </span>
  )
}

function Identity({ me }: { me: Me }) {
  const { t } = useTongue()
  const { live } = useHouse()
  const queries = useQueryClient()
  const go = useNavigate()
  const leave = async () => {
    await api.signOut().catch(() => undefined)
    queries.clear()
    live?.wish({ type: 'restart' })
    await go('/signin')
  }
  return (
    <div>
      <Text fw={700} size="sm">
        {me.name}
      </Text>
      <Text size="xs" className="quiet">
        {[me.login, me.extension].filter(Boolean).join(' · ')}
      </Text>
      <button type="button" className="plain" onClick={() => void leave()}>
        {t('app.sign_out')}
      </button>
    </div>
  )
}
