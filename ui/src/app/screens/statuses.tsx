import { Button, Group, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Status } from '../../api/records'
import { api } from '../../api/routes'
import { useTongue } from '../house'
import { StatusMark } from '../parts/marks'
import { Rows } from '../parts/pages'
import { Answered } from '../parts/states'
import { StatusForm } from '../parts/statusform'
import type { Tongue } from '../words/words'

const fresh: Status = {
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
  const tongue = useTongue()
  const { t } = tongue
  const answer = useQuery({ queryKey: ['statuses'], queryFn: api.statuses })
  const [open, setOpen] = useState<Status | null>(null)
  return (
    <div className="page">
      <Group justify="space-between" mb="xs">
        <Title order={1}>{t('statuses.title')}</Title>
        <Button onClick={() => setOpen(fresh)}>{t('statuses.new')}</Button>
      </Group>
      <Text className="quiet" mb="md">
        {t('statuses.lead')}
      </Text>
      {open && <StatusForm key={`${open.code} ${open.version}`} status={open} close={() => setOpen(null)} />}
      <Answered answer={answer}>
        {(page) => (
          <Rows
            rows={[...page.items].sort((a, b) => a.sort - b.sort)}
            keyOf={(status) => status.code}
            columns={columns(tongue, setOpen)}
            label={t('statuses.title')}
          />
        )}
      </Answered>
    </div>
  )
}

function columns({ t, named }: Tongue, edit: (status: Status) => void) {
  const tick = (yes: boolean) => t(yes ? 'app.yes' : 'app.no')
  return [
    { head: t('statuses.name'), cell: (s: Status) => <StatusMark status={s} /> },
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
