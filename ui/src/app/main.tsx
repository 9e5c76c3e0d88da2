// The app behind the first card: providers, and one chunk per screen.

import { Problem } from '../api/client'
import { cardKey } from '../card/key'
import { type I18n, sharedWords } from '../i18n/i18n'
import { AppContextProvider, type Started } from './context'
import { createRouter } from './router'
import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import './app.css'
import { MantineProvider } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { Notifications } from '@mantine/notifications'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode, useEffect, useMemo, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { RouterProvider } from 'react-router'
import type { Live } from '../live/live'
import { applyScheme, type Preferences, savePreferences, shownScheme } from '../preferences'
import { theme } from './theme'

/** Starts the app in `root`; called once by boot. */
export function start(root: HTMLElement, started: Started): void {
  const queries = new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        // A refusal stays a refusal; only an unreached or failing server is asked again.
        retry: (count, error) => count < 2 && !(error instanceof Problem && error.status >= 400 && error.status < 500),
      },
    },
  })
  createRoot(root).render(
    <StrictMode>
      <App started={started} queries={queries} />
    </StrictMode>,
  )
}

function App({ started, queries }: { started: Started; queries: QueryClient }) {
  const [preferences, setAll] = useState<Preferences>(started.preferences)
  const router = useMemo(() => createRouter(), [])
  const systemDark = useMediaQuery('(prefers-color-scheme: dark)', undefined, { getInitialValueInEffect: false })
  const scheme = shownScheme(preferences.scheme, systemDark === true)
  const { liveCards, live } = started
  const { lang } = preferences
  const spoken = useMemo(() => spokenTheme(sharedWords.in(lang)), [lang])

  useEffect(() => {
    document.documentElement.lang = lang
    liveCards.speak(lang)
    applyScheme(document.documentElement, scheme)
  }, [lang, scheme, liveCards])

  // A call that began, was answered or ended changes what the lists say; who has signed out elsewhere must see no more.
  useEffect(() => (live ? whenCallsMove(live, () => void queries.invalidateQueries()) : undefined), [live, queries])

  const context = useMemo(
    () => ({
      ...started,
      preferences,
      scheme,
      setPreferences: (change: Partial<Preferences>) =>
        setAll((old) => {
          const next = { ...old, ...change }
          savePreferences(localStorage, next)
          return next
        }),
    }),
    [started, preferences, scheme],
  )

  // The variables come from Mantine's static styles and app.css: a style element
  // made by script would be refused by our content security policy.
  return (
    <MantineProvider theme={spoken} withCssVariables={false} withGlobalClasses={false} forceColorScheme={scheme}>
      <AppContextProvider value={context}>
        <QueryClientProvider client={queries}>
          <Notifications position="top-center" limit={3} />
          <RouterProvider router={router} />
        </QueryClientProvider>
      </AppContextProvider>
    </MantineProvider>
  )
}

/** The theme with the words that Mantine's own buttons need for those who do not see them. */
function spokenTheme({ t }: I18n) {
  return {
    ...theme,
    components: {
      ...theme.components,
      Notification: { defaultProps: { closeButtonProps: { 'aria-label': t('app.close') } } },
    },
  }
}

/** Runs when a card appears, changes its state or its colour, and when the stream knows us no more; not on the pings between. */
function whenCallsMove(live: Live, run: () => void): () => void {
  const mark = () =>
    [
      live.state().connection === 'signed_out',
      ...live.state().cards.map((card) => [cardKey(card), card.call?.state, card.verdict.color].join()),
    ].join(';')
  let seen = mark()
  return live.subscribe(() => {
    const now = mark()
    if (now !== seen) run()
    seen = now
  })
}
