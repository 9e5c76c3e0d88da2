// The entry of dist/embed/card.js: load it with <script type="module"> on any
// page, and <call-card> exists there.

import { CallCard } from './element'

if (!customElements.get('call-card')) customElements.define('call-card', CallCard)

export type { CardActionEvent, CardCloseEvent, CardFoldEvent, CardReasonEvent } from './element'
export { CallCard }

declare global {
  interface HTMLElementTagNameMap {
    'call-card': CallCard
  }
}
