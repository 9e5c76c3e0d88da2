import { type Feature, page } from '../../app/feature'

export const statuses: Feature = {
  path: '/statuses',
  title: { en: 'Statuses', ru: 'Статусы' },
  roles: ['supervisor', 'admin'],
  routes: [page('statuses', async () => (await import('./page')).Statuses)],
}
