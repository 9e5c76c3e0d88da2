import { type Feature, page } from '../../app/feature'

export const calls: Feature = {
  path: '/calls',
  title: { en: 'Calls', ru: 'Звонки' },
  roles: [],
  routes: [
    page('calls', async () => (await import('./page')).Calls),
    page('calls/:id', async () => (await import('./call')).CallPage),
  ],
}
