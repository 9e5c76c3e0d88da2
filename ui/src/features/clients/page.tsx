import { Button, NativeSelect, Switch } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'react-router'
import type { Kind } from '../../api/types'
import { useI18n, useMe } from '../../app/context'
import { pretty } from '../../card/number'
import type { I18nOf } from '../../i18n/i18n'
import { ClientLink, clientPath, Owner, StatusLabel } from '../../parts/links'
import { ListPage } from '../../parts/listpage'
import type { Column } from '../../parts/pages'
import { DialButton } from '../dial/dialbutton'
import { statusesApi } from '../statuses/api'
import { type Client, clientsApi, type Phone } from './api'
import { words } from './words'

const paths = { company: 'companies', contact: 'contacts', lead: 'leads' } as const
const titles = { company: 'companies.title', contact: 'contacts.title', lead: 'leads.title' } as const

/** The list of one kind of client: search, filters, pages. */
export function Clients({ kind }: { kind: Kind }) {
  const i18n = useI18n(words)
  const { t } = i18n
  const me = useMe()
  const [status, setStatus] = useState('')
  const [mine, setMine] = useState(false)
  const statuses = useQuery({ queryKey: ['statuses'], queryFn: statusesApi.list, enabled: kind === 'company' })
  const add = (
    <Button component={Link} to={`${clientPath(kind, 0).replace(/\/0$/, '')}/new`}>
      {t(`list.new.${kind}`)}
    </Button>
  )
  const filters = (
    <>
      {kind === 'company' && (
        <NativeSelect
          label={t('list.status')}
          value={status}
          onChange={(e) => setStatus(e.currentTarget.value)}
          data={[
            { value: '', label: t('list.any_status') },
            ...(statuses.data?.items ?? []).map((s) => ({ value: s.code, label: s.name })),
          ]}
        />
      )}
      <Switch label={t('list.mine')} checked={mine} onChange={(e) => setMine(e.currentTarget.checked)} />
    </>
  )
  return (
    <ListPage
      title={t(titles[kind])}
      action={add}
      name={kind}
      files={`/api/v1/${paths[kind]}`}
      load={(parameters) => clientsApi.list(kind, parameters)}
      query={{ status, owner_id: mine ? me.id : undefined }}
      search={t('list.search')}
      filters={filters}
      searched={Boolean(status || mine)}
      columns={columns(kind, i18n)}
      keyOf={(row) => row.id}
    />
  )
}

function columns(kind: Kind, { t, date }: I18nOf<typeof words>): Column<Client>[] {
  const name = {
    head: t('list.name'),
    cell: (row: Client) => <ClientLink kind={kind} id={row.id} name={row.title || row.name} />,
  }
  const owner = { head: t('list.owner'), cell: (row: Client) => <Owner owner={row.owner} /> }
  const phones = {
    head: t('list.phones'),
    minor: true,
    cell: (row: Client) => <Phones phones={row.phones} />,
  }
  const created = { head: t('client.created'), cell: (row: Client) => date(row.created_at), minor: true }
  const status = {
    head: t('list.status'),
    cell: (row: Client) => <StatusLabel status={row.status} />,
  }
  const stage = { head: t('list.stage'), cell: (row: Client) => row.stage ?? '' }
  const company = {
    head: t('list.company'),
    cell: (row: Client) => {
      const first = row.company ?? row.companies?.[0]
      return first ? <ClientLink kind="company" id={first.id} name={first.name} /> : ''
    },
  }
  if (kind === 'company') return [name, status, owner, phones, created]
  return kind === 'contact' ? [name, company, owner, phones, created] : [name, stage, company, owner, phones]
}

/** The first two phones, each with its call, and how many more there are. */
function Phones({ phones }: { phones: Phone[] }) {
  return (
    <>
      {phones.slice(0, 2).map((phone) => (
        <div key={phone.value} className="whole">
          {pretty(phone.e164 || phone.value)} {phone.e164 && <DialButton number={phone.e164} />}
        </div>
      ))}
      {phones.length > 2 && <span className="quiet">+{phones.length - 2}</span>}
    </>
  )
}
