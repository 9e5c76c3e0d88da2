/** A telephone's handset; struck out where no call can be made. */
export function Handset({ struck = false }: { struck?: boolean }) {
  return (
    <svg viewBox="0 0 24 24" width="18" height="18" aria-hidden="true" fill="currentColor">
      <path d="M6.6 3.2 9.3 6c.5.5.6 1.3.2 2L8.3 10a14 14 0 0 0 5.7 5.7l2-1.2c.7-.4 1.5-.3 2 .2l2.8 2.7c.6.6.6 1.6 0 2.2l-1 1c-1 1-2.5 1.4-3.9 1A19 19 0 0 1 2.4 8.1c-.4-1.4 0-2.9 1-3.9l1-1c.6-.6 1.6-.6 2.2 0z" />
      {struck && <path d="M3 21 21 3" fill="none" stroke="currentColor" strokeWidth="2.5" strokeLinecap="round" />}
    </svg>
  )
}
