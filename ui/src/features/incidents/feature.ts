import { type Feature, page } from '../../app/feature'

export const incidents: Feature = {
  path: '/incidents',
  title: { en: 'Incidents', ru: 'Инциденты' },
  roles: [],
  routes: [page('incidents', async () => (await import('./page')).Incidents)],
}
