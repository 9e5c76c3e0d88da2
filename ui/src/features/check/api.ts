// The check of a number before a call.

import { answer, http } from '../../api/client'
import type { Direction } from '../../api/types'

export const checkApi = {
  check: (number: string, direction: Direction, agent?: string) =>
    answer(http.POST('/api/v1/check', { body: { number, direction, ...(agent ? { agent } : {}) } })),
}
