import { type Feature, page } from '../../app/feature'

export const quality: Feature = {
  path: '/quality',
  title: { en: 'Data quality', ru: 'Качество данных' },
  roles: ['supervisor', 'admin'],
  routes: [
    page('quality', async () => (await import('./page')).Quality),
    page('quality/duplicates', async () => (await import('./duplicates')).Duplicates),
    page('quality/:report', async () => (await import('./report')).ReportPage),
  ],
}
