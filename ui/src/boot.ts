// The first script of every page. It shows the live cards before anything else
// is loaded; the app comes after, and finds the stage already playing.

import './card/card'
import { joinLive } from './live/live'
import { Stage } from './stage/stage'
import { applyScheme, readTaste, shownScheme } from './taste'

const taste = readTaste(localStorage, navigator.language)
applyScheme(document.documentElement, shownScheme(taste.scheme, matchMedia('(prefers-color-scheme: dark)').matches))
document.documentElement.lang = taste.lang

const live = location.pathname.startsWith('/signin') ? null : joinLive()
const stage = new Stage(document.getElementById('stage')!, taste.lang)
if (live) stage.follow(live)

void import('./app/main').then(({ start }) => start(document.getElementById('app')!, { live, stage, taste }))
