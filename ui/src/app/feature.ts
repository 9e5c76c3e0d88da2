// What a feature tells the application: its place in the navigation and its pages.

import type { ComponentType } from 'react'
import type { RouteObject } from 'react-router'
import type { Role } from '../api/types'
import type { Text } from '../i18n/i18n'

export interface Feature {
  /** Its first page. */
  path: string
  /** In the navigation and in the title of the browser's tab. */
  title: Text
  /** The roles that it opens for; empty for everyone. The server decides again about everything behind it. */
  roles: Role[]
  /** Stands in no navigation: something else leads to it. */
  hidden?: boolean
  /** Beside its name in the navigation. */
  Badge?: ComponentType
  /** Its pages, each a chunk of its own that is loaded when it is first opened. */
  routes: RouteObject[]
}

/** A page that is loaded when it is first opened; its path is without the slash at the beginning. */
export const page = (path: string, load: () => Promise<ComponentType>): RouteObject => ({
  path,
  lazy: async () => ({ Component: await load() }),
})

/** The first page of a feature, wherever that is. */
export const home = (load: () => Promise<ComponentType>): RouteObject => ({
  index: true,
  lazy: async () => ({ Component: await load() }),
})
