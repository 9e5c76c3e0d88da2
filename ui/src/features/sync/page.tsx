import { Tabs } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useSearchParams } from 'react-router'
import { useI18n } from '../../app/context'
import { AsyncState } from '../../parts/asyncstate'
import { syncApi } from './api'
import { Conflicts } from './conflicts'
import { MappingPanel } from './mapping'
import { pace, State } from './state'
import { words } from './words'

const tabs = ['state', 'mapping', 'conflicts', 'connection'] as const
type Tab = (typeof tabs)[number]

/** A source that mirrors a CRM. `connection` is what every source has: what to enter there, and the last requests. */
export function SyncedSource({ id, connection }: { id: number; connection: ReactNode }) {
  const { t } = useI18n(words)
  const [address, setAddress] = useSearchParams()
  const sync = useQuery({
    queryKey: ['sync', id],
    queryFn: () => syncApi.sync(id),
    refetchInterval: ({ state }) => pace(state.data),
  })
  const tab = tabs.find((one) => one === address.get('tab')) ?? 'state'
  const go = (next: string | null) => setAddress(next === 'state' || !next ? {} : { tab: next }, { replace: true })
  const open = sync.data?.conflicts ?? 0
  const names: Record<Tab, ReactNode> = {
    state: t('sync.tab.state'),
    mapping: t('sync.tab.mapping'),
    conflicts: (
      <>
        {t('sync.tab.conflicts')}
        {open > 0 && <span className="badge">{open}</span>}
      </>
    ),
    connection: t('sync.tab.connection'),
  }
  return (
    <Tabs value={tab} onChange={go} keepMounted={false}>
      <Tabs.List mb="md">
        {tabs.map((one) => (
          <Tabs.Tab key={one} value={one}>
            {names[one]}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value="state">
        <AsyncState answer={sync}>{(data) => <State id={id} sync={data} toMapping={() => go('mapping')} />}</AsyncState>
      </Tabs.Panel>
      <Tabs.Panel value="mapping">
        <MappingPanel id={id} />
      </Tabs.Panel>
      <Tabs.Panel value="conflicts">
        <Conflicts id={id} />
      </Tabs.Panel>
      <Tabs.Panel value="connection">{connection}</Tabs.Panel>
    </Tabs>
  )
}
