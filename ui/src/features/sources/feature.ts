import { type Feature, page } from '../../app/feature'

export const sources: Feature = {
  path: '/sources',
  title: { en: 'Sources', ru: 'Источники' },
  roles: ['admin'],
  routes: [
    page('sources', async () => (await import('./page')).Sources),
    page('sources/:id', async () => (await import('./source')).SourcePage),
  ],
}
