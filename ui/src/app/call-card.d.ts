// Lets JSX know <call-card>: React 19 hands objects to a custom element as properties.

import type { Card } from '../api/types'

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'call-card': { card: Card; lang: string }
    }
  }
}
