import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useI18n } from '../../app/context'
import type { I18nOf } from '../../i18n/i18n'
import { AsyncState } from '../../parts/asyncstate'
import { StatusLabel } from '../../parts/links'
import { PageHead } from '../../parts/listpage'
import { Rows } from '../../parts/pages'
import { type EditedStatus, type Status, statusesApi } from './api'
import { StatusForm } from './form'
import { words } from './words'

const fresh: EditedStatus = {
  id: 0,
  code: '',
  name: '',
  sort: 100,
  color: '#868e96',
  card_effect: 'banner',
  is_protected: false,
  is_default: false,
  is_system: false,
  active: true,
  version: 0,
}

/** The directory of company statuses, with a preview of what each does to a card. */
export function Statuses() {
  const i18n = useI18n(words)
  const { t } = i18n
  const answer = useQuery({ queryKey: ['statuses'], queryFn: statusesApi.list })
  const [open, setOpen] = useState<EditedStatus | null>(null)
  return (
    <div className="page">
      <PageHead
        title={t('statuses.title')}
        lead={t('statuses.lead')}
        action={<Button onClick={() => setOpen(fresh)}>{t('statuses.new')}</Button>}
      />
      {open && <StatusForm key={`${open.code} ${open.version}`} status={open} close={() => setOpen(null)} />}
      <AsyncState answer={answer}>
        {(page) => (
          <Rows
            rows={[...page.items].sort((a, b) => a.sort - b.sort)}
            keyOf={(status) => status.code}
            columns={columns(i18n, setOpen)}
            label={t('statuses.title')}
          />
        )}
      </AsyncState>
    </div>
  )
}

function columns({ t, named }: I18nOf<typeof words>, edit: (status: Status) => void) {
  const tick = (yes: boolean) => t(yes ? 'app.yes' : 'app.no')
  return [
    { head: t('statuses.name'), cell: (s: Status) => <StatusLabel status={s} /> },
    {
      head: t('statuses.effect'),
      cell: (s: Status) => (
        <span className={`mark ${s.card_effect === 'banner' ? 'none' : s.card_effect}`}>
          {named('statuses.effect', s.card_effect)}
        </span>
      ),
    },
    { head: t('statuses.protected'), cell: (s: Status) => tick(s.is_protected), minor: true },
    { head: t('statuses.default'), cell: (s: Status) => tick(s.is_default), minor: true },
    { head: t('statuses.active'), cell: (s: Status) => tick(s.active), minor: true },
    { head: t('statuses.code'), cell: (s: Status) => s.code, minor: true },
    {
      head: t('app.edit'),
      cell: (s: Status) => (
        <Button size="xs" variant="default" aria-label={`${t('app.edit')}: ${s.name}`} onClick={() => edit(s)}>
          {t('app.edit')}
        </Button>
      ),
    },
  ]
}
