import { Title } from '@mantine/core'
import { useNavigate, useSearchParams } from 'react-router'
import type { Kind } from '../../api/types'
import { useI18n } from '../../app/context'
import { clientPath } from '../../parts/links'
import { ClientForm } from './form'
import { words } from './words'

/** A new client; `?number=` comes from the card of an unknown number. */
export function NewClient({ kind }: { kind: Kind }) {
  const { t } = useI18n(words)
  const go = useNavigate()
  const [parameters] = useSearchParams()
  const number = parameters.get('number')
  return (
    <div className="page">
      <Title order={1} mb="md">
        {t(`list.new.${kind}`)}
      </Title>
      <ClientForm
        kind={kind}
        phones={[{ value: number ?? '', kind: 'work' }]}
        done={(saved) => void go(clientPath(kind, saved.id))}
      />
    </div>
  )
}
