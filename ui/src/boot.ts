// The first script of every page. It shows the live cards before anything else
// is loaded; the app comes after, and finds the live cards already shown.

import './card/card'
import { joinLive } from './live/live'
import { LiveCards } from './livecards/livecards'
import { applyScheme, readPreferences, shownScheme } from './preferences'

const preferences = readPreferences(localStorage, navigator.language)
applyScheme(
  document.documentElement,
  shownScheme(preferences.scheme, matchMedia('(prefers-color-scheme: dark)').matches),
)
document.documentElement.lang = preferences.lang

const live = location.pathname.startsWith('/signin') ? null : joinLive()
const liveCards = new LiveCards(document.getElementById('livecards')!, preferences.lang)
if (live) liveCards.follow(live)

void import('./app/main').then(({ start }) => start(document.getElementById('app')!, { live, liveCards, preferences }))
