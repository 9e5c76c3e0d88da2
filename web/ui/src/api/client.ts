// The one place that talks to the server. Answers are JSON; a refusal becomes a
// Problem with the stable code of the contract.

/** One thing wrong with the input: the field's JSON name and a stable code. */
export interface FieldFault {
  field: string
  code: string
}

/** A refusal (RFC 9457). `code` is stable and has words in words/why.ts; `status` is 0 when the server was not reached. */
export class Problem extends Error {
  readonly status: number
  readonly code: string
  readonly errors: FieldFault[]

  constructor(status: number, code: string, errors: FieldFault[] = []) {
    super(code)
    this.name = 'Problem'
    this.status = status
    this.code = code
    this.errors = errors
  }
}

export type Query = Record<string, string | number | boolean | null | undefined>

/** Calls the API: `path` below /api/v1, parameters without a value are left out. */
export async function call<T>(method: string, path: string, options: { query?: Query; body?: unknown } = {}): Promise<T> {
  const { query = {}, body } = options
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '' && value !== false) parameters.set(name, String(value))
  }
  const search = parameters.size ? `?${parameters}` : ''
  const headers: Record<string, string> = { accept: 'application/json' }
  if (body !== undefined) headers['content-type'] = 'application/json'
  let response: Response
  try {
    response = await fetch(`/api/v1${path}${search}`, { method, headers, body: body === undefined ? null : JSON.stringify(body) })
  } catch {
    throw new Problem(0, 'network')
  }
  if (!response.ok) throw await problemOf(response)
  return (response.status === 204 ? undefined : await response.json()) as T
}

const byStatus: Record<number, string> = { 401: 'sign_in_first', 403: 'forbidden', 404: 'not_found', 409: 'conflict', 422: 'invalid_input', 429: 'busy', 503: 'busy' }

async function problemOf(response: Response): Promise<Problem> {
  const fallback = byStatus[response.status] ?? 'internal'
  try {
    const problem = (await response.json()) as { code?: string; errors?: FieldFault[] }
    return new Problem(response.status, problem.code || fallback, problem.errors ?? [])
  } catch {
    // A proxy in between answers in HTML; the status still tells the kind.
    return new Problem(response.status, fallback)
  }
}
