import { type Feature, home } from '../../app/feature'

export const today: Feature = {
  path: '/',
  title: { en: 'Today', ru: 'Сегодня' },
  roles: [],
  routes: [home(async () => (await import('./page')).Today)],
}
