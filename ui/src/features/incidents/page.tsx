import { NativeSelect, Tabs, Text, TextInput } from '@mantine/core'
import { useSearchParams } from 'react-router'
import { useI18n } from '../../app/context'
import { Time } from '../../parts/links'
import { PageHead } from '../../parts/listpage'
import { moment } from '../../parts/moment'
import { type Column, Pages } from '../../parts/pages'
import { ClientPicker } from '../clients/clientpicker'
import { words as clientsWords } from '../clients/words'
import { UserSelect } from '../users/userselect'
import { type Incident, type IncidentQuery, incidentsApi } from './api'
import { Seen, Story } from './incident'
import { Report } from './report'
import { words } from './words'

const texts = words.with(clientsWords)

const states = ['open', 'acknowledged'] as const
const names = ['agent', 'owner', 'company', 'state', 'from', 'until', 'tab'] as const
type Name = (typeof names)[number]

/** Red cards and conversations all the same: the list, its report, and both as files. The filter lives in the address. */
export function Incidents() {
  const { t } = useI18n(texts)
  const [address, setAddress] = useSearchParams()
  const get = (name: Name) => address.get(name) ?? ''
  const put = (name: Name, value: string) =>
    setAddress(
      (old) => {
        const next = new URLSearchParams(old)
        if (value) next.set(name, value)
        else next.delete(name)
        return next
      },
      { replace: true },
    )
  const company = Number(get('company')) || 0
  const query: IncidentQuery = {
    agent_id: Number(get('agent')) || 0,
    owner_id: Number(get('owner')) || 0,
    company_id: company,
    state: states.find((one) => one === get('state')) ?? '',
    from: moment(get('from')),
    until: moment(get('until')),
  }
  return (
    <div className="page">
      <PageHead title={t('incidents.title')} lead={t('incidents.lead')} />
      <div className="ask">
        <UserSelect
          label={t('incidents.agent')}
          nobody={t('incidents.anybody')}
          value={query.agent_id ?? 0}
          onChange={(id) => put('agent', id ? String(id) : '')}
        />
        <UserSelect
          label={t('incidents.owner')}
          nobody={t('incidents.anybody')}
          value={query.owner_id ?? 0}
          onChange={(id) => put('owner', id ? String(id) : '')}
        />
        <ClientPicker
          label={t('incidents.company')}
          placeholder={t('list.search')}
          kinds={['company']}
          value={company ? { kind: 'company', id: company } : null}
          onChange={(client) => put('company', client ? String(client.id) : '')}
        />
        <NativeSelect
          label={t('incidents.state')}
          value={get('state')}
          onChange={(e) => put('state', e.currentTarget.value)}
          data={[
            { value: '', label: t('incidents.state.any') },
            { value: 'open', label: t('incidents.state.open') },
            { value: 'acknowledged', label: t('incidents.state.acknowledged') },
          ]}
        />
        <TextInput
          type="datetime-local"
          label={t('incidents.from')}
          value={get('from')}
          onChange={(e) => put('from', e.currentTarget.value)}
        />
        <TextInput
          type="datetime-local"
          label={t('incidents.until')}
          value={get('until')}
          onChange={(e) => put('until', e.currentTarget.value)}
        />
      </div>
      <Tabs
        value={get('tab') === 'report' ? 'report' : 'list'}
        onChange={(tab) => put('tab', tab === 'report' ? 'report' : '')}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="list">{t('incidents.title')}</Tabs.Tab>
          <Tabs.Tab value="report">{t('incidents.report')}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="list">
          <List query={query} />
        </Tabs.Panel>
        <Tabs.Panel value="report">
          <Report query={query} />
        </Tabs.Panel>
      </Tabs>
    </div>
  )
}

function List({ query }: { query: IncidentQuery }) {
  const { t, duration } = useI18n(texts)
  const columns: Column<Incident>[] = [
    { head: t('incidents.when'), cell: ({ at }) => <Time at={at} /> },
    { head: t('incidents.who'), cell: (incident) => <Story incident={incident} /> },
    {
      head: t('incidents.talk'),
      cell: (incident) => (
        <>
          <strong>{duration(incident.talk_seconds)}</strong>
          <div className="quiet">{t('incidents.card', { duration: duration(incident.card_seconds) })}</div>
        </>
      ),
    },
    { head: t('incidents.state'), cell: (incident) => <Seen incident={incident} /> },
  ]
  return (
    <>
      <Text mb="sm">
        <a href={incidentsApi.file(query)} download>
          {t('incidents.csv')}
        </a>
      </Text>
      <Pages
        name="incidents"
        load={incidentsApi.list}
        query={query}
        columns={columns}
        keyOf={(incident) => incident.id}
        label={t('incidents.title')}
        none={t('incidents.none')}
      />
    </>
  )
}
