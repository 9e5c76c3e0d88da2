import { type Feature, page } from '../../app/feature'

export const doNotCall: Feature = {
  path: '/do-not-call',
  title: { en: 'Do not call', ru: 'Не звонить' },
  roles: [],
  routes: [page('do-not-call', async () => (await import('./page')).DoNotCallList)],
}
