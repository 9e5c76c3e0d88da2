// What the server refused of a form: each fault belongs at its field, and what has no field belongs above the form.

import { Problem } from '../api/client'
import type { I18n } from '../i18n/i18n'

/** The faults of one refusal. An input asks for its own; what no input asked for is the rest. */
export class Faults {
  readonly #error: unknown
  readonly #i18n: I18n
  readonly #shown = new Set<string>()

  /** Faults of an error of the API client; without an error there are none. */
  constructor(error: unknown, i18n: I18n) {
    this.#error = error
    this.#i18n = i18n
  }

  /** Whether anything was refused. */
  get refused(): boolean {
    return Boolean(this.#error)
  }

  /**
   * What is wrong with these fields, in words for their one input; undefined when nothing is. A `*` stands for one part
   * of a field's path: `phones.*` is every phone of a list.
   */
  at(...fields: string[]): string | undefined {
    if (!(this.#error instanceof Problem)) return undefined
    const found = this.#error.errors.filter(({ field }) => fields.some((pattern) => matches(pattern, field)))
    for (const { field } of found) this.#shown.add(field)
    return [...new Set(found.map(({ code }) => this.#i18n.fault(code)))].join('; ') || undefined
  }

  /** What belongs above the form, in words, once every input has asked; empty when the inputs show it all. */
  get rest(): string {
    const { fault } = this.#i18n
    if (!this.#error) return ''
    if (!(this.#error instanceof Problem)) return fault('internal')
    const { code, args, errors } = this.#error
    const rest = errors.filter(({ field }) => !this.#shown.has(field))
    const said = errors.some((one) => one.code === code && !rest.includes(one))
    return [said ? '' : fault(code, args), ...rest.map((one) => `${one.field}: ${fault(one.code)}`)]
      .filter(Boolean)
      .join(' ')
  }
}

function matches(pattern: string, field: string): boolean {
  const [wanted, parts] = [pattern.split('.'), field.split('.')]
  return wanted.length === parts.length && wanted.every((part, i) => part === '*' || part === parts[i])
}
