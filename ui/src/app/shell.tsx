// The frame around every page: the navigation, the signed-in user, the state of the live stream.

import { Button, Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { Navigate, NavLink, Outlet, useLocation, useNavigate } from 'react-router'
import { Problem } from '../api/client'
import { type Me, sessionApi } from '../api/session'
import { langOf } from '../card/words'
import { DialProvider } from '../features/dial/provider'
import { SourceChoice } from '../features/dial/sourcechoice'
import { RequestDialogs } from '../features/requests/dialogs'
import { SearchBox } from '../features/search/searchbox'
import { Loading, Refused } from '../parts/asyncstate'
import { ConnectionBadge } from '../parts/connectionbadge'
import { PreferencesSwitch } from '../parts/preferencesswitch'
import { useCardActions } from './cardactions'
import { has, useAppContext, useI18n } from './context'
import type { Feature } from './feature'
import { features } from './features'

const opens = ({ roles }: Feature, me: Me): boolean => roles.length === 0 || has(me, ...roles)

/** The feature of an address. The day page is at the root of all others. */
const featureAt = (path: string): Feature | undefined =>
  features.find((feature) => (feature.path === '/' ? path === '/' : path.startsWith(feature.path)))

export function Shell() {
  const me = useQuery({ queryKey: ['me'], queryFn: sessionApi.me, staleTime: Infinity })
  if (me.error instanceof Problem && me.error.status === 401) return <Navigate to="/signin" replace />
  if (me.data)
    return (
      <RequestDialogs>
        <DialProvider>
          <Frame me={me.data} />
        </DialProvider>
      </RequestDialogs>
    )
  return me.error ? <Refused error={me.error} again={() => void me.refetch()} /> : <Loading />
}

function Frame({ me }: { me: Me }) {
  const { t, in: say } = useI18n()
  const { preferences, setPreferences, liveCards } = useAppContext()
  const [open, setOpen] = useState(false)
  const { pathname } = useLocation()
  const here = featureAt(pathname)
  useCardActions(liveCards)

  // The user's language counts until they choose another one in this browser.
  useEffect(() => {
    const lang = langOf(me.language)
    if (!preferences.chosen && me.language && lang !== preferences.lang) setPreferences({ lang })
  }, [me.language, preferences.chosen, preferences.lang, setPreferences])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the menu closes whenever another page opens
  useEffect(() => setOpen(false), [pathname])
  const title = here ? `${say(here.title)} · Callhue` : 'Callhue'
  useEffect(() => {
    document.title = title
  }, [title])

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
          aria-controls="navigation"
          onClick={() => setOpen(!open)}
        >
          {t('app.menu')}
        </Button>
        <SearchBox />
      </header>
      <aside className={open ? 'side open' : 'side'} id="navigation">
        <nav aria-label={t('app.menu')}>
          {features
            .filter((feature) => !feature.hidden && opens(feature, me))
            .map((feature) => (
              <NavItem key={feature.path} feature={feature} />
            ))}
        </nav>
        <div className="foot">
          <ConnectionBadge />
          <Identity me={me} />
          <SourceChoice />
          <PreferencesSwitch />
        </div>
      </aside>
      <main id="main" tabIndex={-1}>
        {here && !opens(here, me) ? <Refused error={new Problem(403, 'role_missing')} /> : <Outlet />}
      </main>
    </div>
  )
}

function NavItem({ feature: { path, title, Badge } }: { feature: Feature }) {
  const { in: say } = useI18n()
  return (
    <NavLink to={path} end={path === '/'} className="navitem">
      {say(title)}
      {Badge && <Badge />}
    </NavLink>
  )
}

function Identity({ me }: { me: Me }) {
  const { t } = useI18n()
  const { live } = useAppContext()
  const queries = useQueryClient()
  const go = useNavigate()
  const leave = async () => {
    await sessionApi.signOut().catch(() => undefined)
    queries.clear()
    live?.send({ type: 'restart' })
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
