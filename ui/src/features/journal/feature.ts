import { type Feature, page } from '../../app/feature'

export const journal: Feature = {
  path: '/journal',
  title: { en: 'Journal', ru: 'Журнал' },
  roles: ['supervisor', 'admin'],
  routes: [page('journal', async () => (await import('./page')).Journal)],
}
