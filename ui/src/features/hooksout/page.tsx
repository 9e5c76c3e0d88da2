import { Button, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'react-router'
import { useI18n } from '../../app/context'
import { AsyncState } from '../../parts/asyncstate'
import { PageHead } from '../../parts/listpage'
import { Rows } from '../../parts/pages'
import { type HookOut, hooksOutApi } from './api'
import { HookForm } from './form'
import { Secret } from './secret'
import { words } from './words'

/** The addresses that are told what happens. */
export function HooksOut() {
  const { t } = useI18n(words)
  const [adding, setAdding] = useState(false)
  const [made, setMade] = useState<(HookOut & { secret: string }) | null>(null)
  const hooks = useQuery({ queryKey: ['hooks-out'], queryFn: hooksOutApi.list })
  return (
    <div className="page">
      <PageHead
        title={t('hooks.title')}
        lead={t('hooks.lead')}
        action={!adding && <Button onClick={() => setAdding(true)}>{t('hooks.new')}</Button>}
      />
      {made && <Secret of={made} done={() => setMade(null)} />}
      {adding && (
        <HookForm
          close={() => setAdding(false)}
          send={(draft) => hooksOutApi.add(draft)}
          done={(hook) => {
            setMade(hook as HookOut & { secret: string })
            setAdding(false)
          }}
        />
      )}
      <AsyncState answer={hooks}>
        {({ items }) =>
          items.length === 0 ? (
            <Text>{t('hooks.none')}</Text>
          ) : (
            <Rows
              rows={items}
              keyOf={({ id }) => id}
              label={t('hooks.title')}
              columns={[
                { head: t('hooks.name'), cell: ({ id, name }) => <Link to={`/hooks-out/${id}`}>{name}</Link> },
                { head: t('hooks.url'), cell: ({ url }) => <code>{url}</code> },
                { head: t('hooks.state'), cell: (hook) => <HookState hook={hook} /> },
                { head: t('hooks.waiting'), cell: ({ waiting }) => waiting, minor: true },
                {
                  head: t('hooks.dead'),
                  cell: ({ dead }) => (dead ? <strong className="openmark">{dead}</strong> : 0),
                  minor: true,
                },
              ]}
            />
          )
        }
      </AsyncState>
    </div>
  )
}

/** Whether a subscription is told anything, and why not. */
export function HookState({ hook: { active, disabled_reason } }: { hook: HookOut }) {
  const { t, named } = useI18n(words)
  if (active) return <>{t('hooks.active')}</>
  return <>{[t('hooks.inactive'), disabled_reason && named('hooks.off', disabled_reason)].filter(Boolean).join(': ')}</>
}
