// A field mapping while it is edited: a JSON document in a text, into which paths are put by pointing at fields.

/** What a field of a request can be. `number.in` is the number of incoming calls. */
export const roles = [
  'event',
  'call_id',
  'direction',
  'number',
  'number.in',
  'number.out',
  'agent',
  'agent.in',
  'agent.out',
  'line',
  'at',
  'duration',
  'result',
  'recording_url',
  'leg',
] as const

export type Role = (typeof roles)[number]

/** The fields whose words are translated, with ours. */
export const ours = {
  event: ['ringing', 'answered', 'ended', 'ended_call', 'ended_agent', 'summary', 'skip'],
  direction: ['in', 'out', 'skip'],
  result: ['answered', 'missed', 'busy', 'cancelled', 'failed'],
} as const

export type Translated = keyof typeof ours

type Json = null | boolean | number | string | Json[] | { [name: string]: Json }
type Document = { [name: string]: Json }

/** The document of a text; null while it is no JSON object. An empty text is an empty document. */
export function parse(text: string): Document | null {
  if (text.trim() === '') return {}
  try {
    const document: unknown = JSON.parse(text)
    return isObject(document) ? document : null
  } catch {
    return null
  }
}

const isObject = (value: unknown): value is Document =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const print = (document: Document): string => JSON.stringify(document, null, 2)

/** Puts a path where the document names a field. What is translated keeps its words. */
export function assign(text: string, role: Role, path: string): string {
  const document = parse(text)
  if (!document) return text
  const [field, way] = role.split('.') as [string, string | undefined]
  const before = document[field]
  if (way) {
    const byWay = isObject(before) && ('in' in before || 'out' in before) ? before : {}
    document[field] = { ...byWay, [way]: path }
  } else if (field in ours) {
    document[field] = { of: path, map: isObject(before) && isObject(before.map) ? before.map : {} }
  } else {
    document[field] = path
  }
  return print(document)
}

/** Whether a mapping says that the other side chooses the secret. */
export const hasTheirSecret = (text: string | undefined): boolean => parse(text ?? '')?.secret === 'theirs'

/** Which role each path has, as far as the document names it plainly. */
export function assigned(text: string): Map<string, Role> {
  const found = new Map<string, Role>()
  const document = parse(text) ?? {}
  for (const role of roles) {
    const [field, way] = role.split('.') as [string, string | undefined]
    for (const path of pathsOf(document[field], way)) if (!found.has(path)) found.set(path, role)
  }
  return found
}

function pathsOf(value: Json | undefined, way: string | undefined): string[] {
  if (value === undefined || value === null) return []
  if (way) return isObject(value) && way in value ? pathsOf(value[way], undefined) : []
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap((one) => pathsOf(one, undefined))
  return isObject(value) && 'of' in value ? pathsOf(value.of, undefined) : []
}

/** The words of a translated field, in their order; null where the document has none to edit here. */
export function wordsOf(text: string, field: Translated): Record<string, string> | null {
  const value = parse(text)?.[field]
  if (!isObject(value) || typeof value.of !== 'string' || !isObject(value.map)) return null
  return value.map as Record<string, string>
}

/** The path of a translated field whose words can be edited here; empty for none. */
export function pathOf(text: string, field: Translated): string {
  const value = parse(text)?.[field]
  return isObject(value) && typeof value.of === 'string' ? value.of : ''
}

/** Translates a word of the PBX; an empty one of ours takes it out. */
export function translate(text: string, field: Translated, theirs: string, our: string): string {
  const document = parse(text)
  const words = wordsOf(text, field)
  if (!document || !words) return text
  const { [theirs]: _, ...rest } = words
  document[field] = { ...(document[field] as Document), map: our === '' ? rest : { ...words, [theirs]: our } }
  return print(document)
}
