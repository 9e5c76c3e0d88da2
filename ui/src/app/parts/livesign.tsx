import { useEffect, useState } from 'react'
import { useLive, useTongue } from '../house'

/** Whether calls can be seen at all, and when the stream last gave a sign of life. */
export function LiveSign() {
  const { t, clock } = useTongue()
  const { connection, lastEventAt } = useLive()
  const [, setNow] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 5000)
    return () => clearInterval(timer)
  }, [])
  const time = lastEventAt ? clock(lastEventAt) : ''
  return (
    <div className={`livesign ${connection}`}>
      <strong role="status">{t(`live.${connection}`)}</strong>
      {time && connection !== 'signed_out' ? <span>{t('live.last', { time })}</span> : null}
    </div>
  )
}
