import { describe, expect, it } from 'vitest'
import { Problem } from '../api/client'
import { sharedWords } from '../i18n/i18n'
import { Faults } from './faults'

const en = sharedWords.in('en')

/** The faults of a refused input, by field and code. */
const invalid = (...errors: Array<[field: string, code: string]>) =>
  new Faults(
    new Problem(
      422,
      'invalid_input',
      errors.map(([field, code]) => ({ field, code })),
    ),
    en,
  )

describe('the faults of a form', () => {
  it('stand at the input of their field', () => {
    const faults = invalid(['name', 'required'], ['sort', 'out_of_range'])
    expect(faults.at('name')).toBe(en.fault('required'))
    expect(faults.at('sort')).toBe(en.fault('out_of_range'))
    expect(faults.at('color')).toBeUndefined()
    expect(faults.rest).toBe(en.fault('invalid_input'))
  })

  it('stand at the input of one part of a list', () => {
    const faults = invalid(['phones.1.value', 'invalid_number'])
    expect(faults.at('phones.0.*')).toBeUndefined()
    expect(faults.at('phones.1.*')).toBe(en.fault('invalid_number'))
    expect(faults.rest).toBe(en.fault('invalid_input'))
  })

  it('stand at the one input of a whole list, each sentence once', () => {
    const faults = invalid(['phones.0', 'invalid_number'], ['phones.2', 'invalid_number'], ['phones', 'too_many'])
    expect(faults.at('phones', 'phones.*')).toBe(`${en.fault('invalid_number')}; ${en.fault('too_many')}`)
  })

  it('stand at the input of a setting, whose name is no other one’s', () => {
    const faults = invalid(['settings.portal', 'connected_elsewhere'])
    expect(faults.at('settings.port')).toBeUndefined()
    expect(faults.at('portal')).toBeUndefined()
    expect(faults.at('settings.portal')).toBe(en.fault('connected_elsewhere'))
  })

  it('of fields without an input stand above the form, with their names', () => {
    const faults = invalid(['name', 'required'], ['version', 'required'])
    faults.at('name')
    expect(faults.rest).toBe(`${en.fault('invalid_input')} version: ${en.fault('required')}`)
  })

  it('of a value that is taken stand at its input, and are not said twice', () => {
    const taken = new Problem(409, 'login_taken', [{ field: 'login', code: 'login_taken' }])
    const faults = new Faults(taken, en)
    expect(faults.at('login')).toBe(en.fault('login_taken'))
    expect(faults.rest).toBe('')
    expect(new Faults(taken, en).rest).toContain(en.fault('login_taken'))
  })

  it('of the whole form stand above it', () => {
    const faults = new Faults(new Problem(409, 'stale_version'), en)
    expect(faults.at('name')).toBeUndefined()
    expect(faults.rest).toBe(en.fault('stale_version'))
  })

  it('that this version does not know are shown by their code', () => {
    expect(invalid(['name', 'of_tomorrow']).at('name')).toBe('of_tomorrow')
  })

  it('are none without an error, and the server’s own where it is no refusal', () => {
    expect(new Faults(null, en).at('name')).toBeUndefined()
    expect(new Faults(null, en).rest).toBe('')
    expect(new Faults(new TypeError('x'), en).rest).toBe(en.fault('internal'))
  })
})

/** Forms without faults of their own, and why. */
const without: Record<string, string> = {
  '../features/dial/question.tsx': 'begins a call, whose outcome the bar below shows',
}

describe('every form', () => {
  const pages = import.meta.glob<string>('../features/**/*.tsx', { query: '?raw', import: 'default', eager: true })

  it.each(Object.entries(pages).filter(([file, text]) => text.includes('<form') && !without[file]))(
    '%s shows its faults',
    (_, text) => {
      const forms = text.match(/<form\b/g)!.length
      const faults = text.match(/<FormFaults\b/g)?.length ?? 0
      const inputs = text.match(/<(TextInput|Textarea|PasswordInput|NativeSelect|NumberInput|TagsInput|UserSelect)\b/g)
      expect(faults + (text.match(/faults: Faults/g)?.length ?? 0)).toBeGreaterThanOrEqual(forms)
      if (inputs) expect(text).toMatch(/faults\.at\(|faults=\{/)
    },
  )
})
