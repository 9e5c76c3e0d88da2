import { type Feature, page } from '../../app/feature'

export const policy: Feature = {
  path: '/policy',
  title: { en: 'Policy', ru: 'Правила' },
  roles: ['supervisor', 'admin'],
  routes: [page('policy', async () => (await import('./page')).PolicyPage)],
}
