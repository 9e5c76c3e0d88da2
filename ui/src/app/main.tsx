// The app behind the first card: providers, and one chunk per screen.

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
import { Problem } from '../api/client'
import { cardKey } from '../api/contract'
import type { Live } from '../live/live'
import { applyScheme, saveTaste, shownScheme, type Taste } from '../taste'
import { type Furniture, HouseContext } from './house'
import { createRouter } from './routes'
import { theme } from './theme'
import { type Tongue, tongue } from './words/words'

/** Starts the app in `root`; called once by boot. */
export function start(root: HTMLElement, furniture: Furniture): void {
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
      <App furniture={furniture} queries={queries} />
    </StrictMode>,
  )
}

function App({ furniture, queries }: { furniture: Furniture; queries: QueryClient }) {
  const [taste, setTaste] = useState<Taste>(furniture.taste)
  const router = useMemo(() => createRouter(), [])
  const systemDark = useMediaQuery('(prefers-color-scheme: dark)', undefined, { getInitialValueInEffect: false })
  const scheme = shownScheme(taste.scheme, systemDark === true)
  const { stage, live } = furniture
  const spoken = useMemo(() => spokenTheme(tongue(taste.lang)), [taste.lang])

  useEffect(() => {
    document.documentElement.lang = taste.lang
    stage.speak(taste.lang)
    applyScheme(document.documentElement, scheme)
  }, [taste.lang, scheme, stage])

  // A call that began, was answered or ended changes what the lists say; who has signed out elsewhere must see no more.
  useEffect(() => (live ? whenCallsMove(live, () => void queries.invalidateQueries()) : undefined), [live, queries])

  const house = useMemo(
    () => ({
      ...furniture,
      taste,
      scheme,
      tongue: tongue(taste.lang),
      like: (change: Partial<Taste>) =>
        setTaste((old) => {
          const next = { ...old, ...change }
          saveTaste(localStorage, next)
          return next
        }),
    }),
    [furniture, taste, scheme],
  )

  // The variables come from Mantine's static styles and app.css: a style element
  // made by script would be refused by our content security policy.
  return (
    <MantineProvider theme={spoken} withCssVariables={false} withGlobalClasses={false} forceColorScheme={scheme}>
      <HouseContext value={house}>
        <QueryClientProvider client={queries}>
          <Notifications position="top-center" limit={3} />
          <RouterProvider router={router} />
        </QueryClientProvider>
      </HouseContext>
    </MantineProvider>
  )
}

/** The theme with the words that Mantine's own buttons need for those who do not see them. */
function spokenTheme({ t }: Tongue) {
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
