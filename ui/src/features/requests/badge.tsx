import { useQuery } from '@tanstack/react-query'
import { useI18n } from '../../app/context'
import { requestsApi } from './api'
import { words } from './words'

/** How many requests wait for the reader's decision; nothing at none. */
export function RequestBadge() {
  const { t } = useI18n(words)
  const { data } = useQuery({ queryKey: ['requests', 'count'], queryFn: requestsApi.count, refetchInterval: 10_000 })
  if (!data?.open) return null
  return (
    <span className="badge">
      <span aria-hidden="true">{data.open}</span>
      <span className="unseen"> {t('requests.badge', { count: data.open })}</span>
    </span>
  )
}
