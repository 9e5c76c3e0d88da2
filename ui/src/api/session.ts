// The signed-in user.

import { answer, http } from './client'
import type { Schema } from './types'

/** Who is signed in; `teams` are the departments that they head. */
export type Me = Schema<'Me'>

export const sessionApi = {
  me: () => answer(http.GET('/api/v1/me')),
  signIn: (login: string, password: string) => answer(http.POST('/api/v1/session', { body: { login, password } })),
  signOut: () => answer(http.DELETE('/api/v1/session')),
}
