import { type Feature, page } from '../../app/feature'

export const check: Feature = {
  path: '/check',
  title: { en: 'Check a number', ru: 'Проверить номер' },
  roles: [],
  routes: [page('check', async () => (await import('./page')).Check)],
}
