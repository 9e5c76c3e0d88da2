// The map of pages: the sign-in, and the features inside the shell.

import { createBrowserRouter } from 'react-router'
import { Broken, Loading } from '../parts/asyncstate'
import { Missing } from '../parts/missing'
import { page } from './feature'
import { features } from './features'
import { Shell } from './shell'

export function createRouter() {
  const signIn = page('/signin', async () => (await import('../features/signin/page')).SignIn)
  return createBrowserRouter([
    { ...signIn, HydrateFallback: Loading },
    {
      path: '/',
      element: <Shell />,
      errorElement: <Broken />,
      HydrateFallback: Loading,
      children: [...features.flatMap(({ routes }) => routes), { path: '*', element: <Missing /> }],
    },
  ])
}
