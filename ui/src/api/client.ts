// The one place that talks to the server. Answers are JSON; a refusal becomes a
// Problem with the stable code of the contract.

import createClient from 'openapi-fetch'
import type { paths } from './schema'

/** One thing wrong with the input: the field's JSON name and a stable code. */
export interface FieldFault {
  field: string
  code: string
}

/** What fills the words of a refusal, such as what a PBX said. */
export type FaultArgs = Record<string, unknown>

/** A refusal (RFC 9457). `code` is stable and has words in words/why.ts; `status` is 0 when the server was not reached. */
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

/**
 * What the document says of an answer that we know as T: closed lists of words
 * (colours, states, roles) are plain strings there, a pointer may be null, and
 * free JSON is unknown.
 */
type Loose<T> = T extends string
  ? string
  : T extends (infer U)[]
    ? Loose<U>[]
    : T extends object
      ? { [K in keyof T]: Loose<T[K]> } | null
      : T

interface Reply<T> {
  data?: T
  error?: unknown
  response: Response
}

/** The body of a good answer; a refusal is thrown as a Problem. A field that the document does not promise does not compile. */
export async function answer<T>(reply: Promise<Reply<Loose<T>>>): Promise<T> {
  const { data, error, response } = await reply.catch(() => {
    throw new Problem(0, 'network')
  })
  if (!response.ok) throw problemOf(response.status, error)
  return data as T
}

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

/** Leaves out what is empty: `?q=` would be a filter that nobody set. */
export function chosen<Q extends object>(query: Q): Q {
  return Object.fromEntries(
    Object.entries(query).filter(([, value]) => value !== '' && value !== 0 && value !== undefined),
  ) as Q
}
