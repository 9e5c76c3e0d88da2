import { type Feature, page } from '../../app/feature'

/** The rest of it stands on the page of a source; this is where an account of amoCRM leads back to. */
export const sync: Feature = {
  path: '/amocrm/return',
  title: { en: 'Connect amoCRM', ru: 'Подключение amoCRM' },
  roles: [],
  hidden: true,
  routes: [page('amocrm/return', async () => (await import('./consentreturn')).ConsentReturn)],
}
