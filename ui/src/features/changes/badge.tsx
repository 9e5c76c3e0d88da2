import { useQuery } from '@tanstack/react-query'
import { useI18n } from '../../app/context'
import { changesApi } from './api'
import { words } from './words'

/** How many changes wait for the reader's decision; nothing at none. */
export function ChangesBadge() {
  const { t } = useI18n(words)
  const { data } = useQuery({ queryKey: ['changes', 'count'], queryFn: changesApi.count, refetchInterval: 30_000 })
  if (!data?.open) return null
  return (
    <span className="badge">
      <span aria-hidden="true">{data.open}</span>
      <span className="unseen"> {t('changes.badge', { count: data.open })}</span>
    </span>
  )
}
