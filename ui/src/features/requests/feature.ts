import { type Feature, page } from '../../app/feature'
import { RequestBadge } from './badge'

export const requests: Feature = {
  path: '/requests',
  title: { en: 'Requests', ru: 'Запросы' },
  roles: [],
  Badge: RequestBadge,
  routes: [page('requests', async () => (await import('./page')).Requests)],
}
