import { useEffect, useState } from 'react'
import { useI18n, useLive } from '../app/context'

/** Whether calls can be seen at all, and when the stream last gave a sign of life. */
export function ConnectionBadge() {
  const { t, clock } = useI18n()
  const { connection, lastEventAt } = useLive()
  const [, setNow] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 5000)
    return () => clearInterval(timer)
  }, [])
  const time = lastEventAt ? clock(lastEventAt) : ''
  return (
    <div className={`connection ${connection}`}>
      <strong role="status">{t(`live.${connection}`)}</strong>
      {time && connection !== 'signed_out' ? <span>{t('live.last', { time })}</span> : null}
    </div>
  )
}
