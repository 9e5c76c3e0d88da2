import { type Feature, page } from '../../app/feature'

export const users: Feature = {
  path: '/users',
  title: { en: 'People', ru: 'Сотрудники' },
  roles: ['supervisor', 'admin'],
  routes: [
    page('users', async () => (await import('./page')).Users),
    page('users/new', async () => (await import('./user')).NewUser),
    page('users/:id', async () => (await import('./user')).UserPage),
  ],
}
