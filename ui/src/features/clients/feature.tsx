import type { ComponentType } from 'react'
import type { Kind } from '../../api/types'
import { type Feature, page } from '../../app/feature'
import type { Text } from '../../i18n/i18n'

export const companies = clients('company', 'companies', { en: 'Companies', ru: 'Компании' })
export const contacts = clients('contact', 'contacts', { en: 'Contacts', ru: 'Контакты' })
export const leads = clients('lead', 'leads', { en: 'Leads', ru: 'Лиды' })

/** The list of one kind of client, a new one, and the page of each. */
function clients(kind: Kind, folder: string, title: Text): Feature {
  return {
    path: `/${folder}`,
    title,
    roles: [],
    routes: [
      page(folder, async () => of(kind, (await import('./page')).Clients)),
      page(`${folder}/new`, async () => of(kind, (await import('./new')).NewClient)),
      page(`${folder}/:id`, async () => of(kind, (await import('./client')).ClientPage)),
    ],
  }
}

/** The page of one kind: a component of its own, which keeps nothing of the page of another kind. */
const of = (kind: Kind, Page: ComponentType<{ kind: Kind }>) =>
  function OfKind() {
    return <Page kind={kind} />
  }
