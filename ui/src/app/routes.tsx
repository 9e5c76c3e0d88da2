// The map of pages. Each is a chunk of its own, loaded when it is first opened.

import { createBrowserRouter } from 'react-router'
import { Missing } from './parts/missing'
import { Broken, Waiting } from './parts/states'
import { Shell } from './shell'

export function createRouter() {
  return createBrowserRouter([
    {
      path: '/signin',
      lazy: async () => ({ Component: (await import('./screens/signin')).SignIn }),
      HydrateFallback: Waiting,
    },
    {
      path: '/',
      element: <Shell />,
      errorElement: <Broken />,
      HydrateFallback: Waiting,
      children: [
        { index: true, lazy: async () => ({ Component: (await import('./screens/today')).Today }) },
        { path: 'check', lazy: async () => ({ Component: (await import('./screens/check')).Check }) },
        { path: 'calls', lazy: async () => ({ Component: (await import('./screens/calls')).Calls }) },
        { path: 'calls/:id', lazy: async () => ({ Component: (await import('./screens/call')).Call }) },
        ...clientPages('companies', 'company'),
        ...clientPages('contacts', 'contact'),
        ...clientPages('leads', 'lead'),
        { path: 'asks', lazy: async () => ({ Component: (await import('./screens/asks/asks')).Asks }) },
        { path: 'do-not-call', lazy: async () => ({ Component: (await import('./screens/donotcall')).DoNotCall }) },
        { path: 'quality', lazy: async () => ({ Component: (await import('./screens/quality/quality')).Quality }) },
        {
          path: 'quality/duplicates',
          lazy: async () => ({ Component: (await import('./screens/quality/duplicates')).Duplicates }),
        },
        {
          path: 'quality/:report',
          lazy: async () => ({ Component: (await import('./screens/quality/quality')).Report }),
        },
        {
          path: 'incidents',
          lazy: async () => ({ Component: (await import('./screens/incidents/incidents')).Incidents }),
        },
        { path: 'policy', lazy: async () => ({ Component: (await import('./screens/policy/policy')).Policy }) },
        { path: 'statuses', lazy: async () => ({ Component: (await import('./screens/statuses')).Statuses }) },
        { path: 'users', lazy: async () => ({ Component: (await import('./screens/users/users')).Users }) },
        { path: 'users/new', lazy: async () => ({ Component: (await import('./screens/users/user')).NewUser }) },
        { path: 'users/:id', lazy: async () => ({ Component: (await import('./screens/users/user')).User }) },
        { path: 'journal', lazy: async () => ({ Component: (await import('./screens/journal')).Journal }) },
        {
          path: 'hooks-out',
          lazy: async () => ({ Component: (await import('./screens/hooksout/hooksout')).HooksOut }),
        },
        {
          path: 'hooks-out/:id',
          lazy: async () => ({ Component: (await import('./screens/hooksout/hookout')).HookOut }),
        },
        { path: 'sources', lazy: async () => ({ Component: (await import('./screens/sources/sources')).Sources }) },
        {
          path: 'sources/:id',
          lazy: async () => ({ Component: (await import('./screens/sources/source')).SourcePage }),
        },
        {
          path: 'amocrm/return',
          lazy: async () => ({ Component: (await import('./screens/sync/consentreturn')).ConsentReturn }),
        },
        { path: '*', element: <Missing /> },
      ],
    },
  ])
}

function clientPages(folder: string, kind: 'company' | 'contact' | 'lead') {
  return [
    {
      path: folder,
      lazy: async () => {
        const { Clients } = await import('./screens/clients')
        return { element: <Clients key={kind} kind={kind} /> }
      },
    },
    {
      path: `${folder}/new`,
      lazy: async () => {
        const { NewClient } = await import('./screens/newclient')
        return { element: <NewClient key={kind} kind={kind} /> }
      },
    },
    {
      path: `${folder}/:id`,
      lazy: async () => {
        const { Client } = await import('./screens/client')
        return { element: <Client key={kind} kind={kind} /> }
      },
    },
  ]
}
