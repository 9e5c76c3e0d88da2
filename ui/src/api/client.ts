// The one place that talks to the server. Answers are JSON; a refusal becomes a
// Problem with the stable code of the contract.

import createClient from 'openapi-fetch'
import type { components, paths } from './schema'

/** One thing wrong with the input: the field's JSON name and a stable code. */
export interface FieldFault {
  field: string
  code: string
}

/** What fills the words of a refusal, such as what a PBX said. */
export type FaultArgs = Record<string, unknown>

/** A refusal (RFC 9457). `code` is stable and has words in i18n/faults.ts; `status` is 0 when the server was not reached. */
export class Problem extends Error {
  readonly status: number
  readonly code: string
  readonly errors: FieldFault[]
  readonly args: FaultArgs

  constructor(status: number, code: string, errors: FieldFault[] = [], args: FaultArgs = {}) {
    super(code)
    this.name = 'Problem'
    this.status = status
    this.code = code
    this.errors = errors
    this.args = args
  }
}

/** The API as its own document describes it. */
export const http = createClient<paths>({ baseUrl: '/', headers: { accept: 'application/json' } })

interface Reply {
  data?: unknown
  error?: unknown
  response: Response
}

/** The answer to a change that lowers protection: it is not done, and waits for a second administrator. */
type Waiting = components['schemas']['Waiting']

/** What a good answer holds; undefined where it has no body. Some routes also answer in CSV, which is text. */
type Body<R extends Reply, Json = Exclude<R['data'], string | undefined | Waiting>> = [Json] extends [never]
  ? undefined
  : Json

/** The body of a good answer; a refusal is thrown as a Problem, and so is a change that waits for a second administrator. */
export async function answer<R extends Reply>(reply: Promise<R>): Promise<Body<R>> {
  const { data, error, response } = await reply.catch(() => {
    throw new Problem(0, 'network')
  })
  if (!response.ok) throw problemOf(response.status, error)
  if (response.status === 202 && isWaiting(data)) {
    throw new Problem(202, 'waits_for_second_admin', [], { change: data.change.id })
  }
  return data as Body<R>
}

const isWaiting = (data: unknown): data is Waiting => typeof data === 'object' && data !== null && 'change' in data

const byStatus: Record<number, string> = {
  401: 'sign_in_first',
  403: 'forbidden',
  404: 'not_found',
  409: 'conflict',
  422: 'invalid_input',
  429: 'busy',
  503: 'busy',
}

/** A proxy in between may answer in HTML; the status then tells the kind. */
function problemOf(status: number, body: unknown): Problem {
  const problem = (typeof body === 'object' && body !== null ? body : {}) as {
    code?: string
    errors?: FieldFault[]
    args?: FaultArgs
  }
  return new Problem(status, problem.code || (byStatus[status] ?? 'internal'), problem.errors ?? [], problem.args ?? {})
}

/** The path parameter of a route about one record. */
export const at = (id: number) => ({ params: { path: { id } } })

/** A query whose fields all choose something. */
type Chosen<Q> = { [K in keyof Q]: Exclude<Q[K], ''> }

/** Leaves out what is empty: `?q=` would be a filter that was not set. */
export function chosen<Q extends object>(query: Q): Chosen<Q> {
  const set = Object.entries(query).filter(([, value]) => value !== '' && value !== 0 && value !== undefined)
  return Object.fromEntries(set) as Chosen<Q>
}
