import { type Feature, page } from '../../app/feature'

export const hooksOut: Feature = {
  path: '/hooks-out',
  title: { en: 'Webhooks', ru: 'Вебхуки' },
  roles: ['admin'],
  routes: [
    page('hooks-out', async () => (await import('./page')).HooksOut),
    page('hooks-out/:id', async () => (await import('./hook')).HookPage),
  ],
}
