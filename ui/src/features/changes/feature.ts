import { type Feature, page } from '../../app/feature'
import { ChangesBadge } from './badge'

export const changes: Feature = {
  path: '/changes',
  title: { en: 'Changes', ru: 'Изменения' },
  roles: ['supervisor', 'admin'],
  Badge: ChangesBadge,
  routes: [page('changes', async () => (await import('./page')).Changes)],
}
