import { type Feature, page } from '../../app/feature'

export const imports: Feature = {
  path: '/imports',
  title: { en: 'Imports', ru: 'Импорт' },
  roles: ['agent', 'supervisor', 'admin'],
  routes: [
    page('imports', async () => (await import('./page')).Imports),
    page('imports/:id', async () => (await import('./import')).ImportPage),
  ],
}
