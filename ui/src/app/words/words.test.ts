import { describe, expect, it } from 'vitest'
import { happened } from './happened'
import { faults, whys } from './why'
import { tables, tongue } from './words'

const holes = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort()

describe.each([
  ['the app’s words', tables],
  ['the reasons', whys],
  ['the faults', faults],
  ['what happened', happened],
])('%s', (_name, both) => {
  it('are complete in both languages', () => {
    expect(Object.keys(both.ru).sort()).toEqual(Object.keys(both.en).sort())
  })

  it.each(Object.entries(both.en))('%s says the same thing twice', (key, english) => {
    const russian = (both.ru as Record<string, string>)[key]!
    expect(english.trim()).not.toBe('')
    expect(russian).toMatch(/[а-яё]/i)
    expect(english).not.toMatch(/[а-яё]/i)
    expect(holes(russian)).toEqual(holes(english))
  })
})

describe('a tongue', () => {
  it('fills the holes and leaves those it has nothing for', () => {
    expect(tongue('en').t('call.title', { id: 7 })).toBe('Call 7')
    expect(tongue('en').t('call.title')).toBe('Call {id}')
  })

  it('shows a code that it does not know rather than nothing', () => {
    expect(tongue('ru').why('a_new_reason')).toBe('a_new_reason')
    expect(tongue('ru').fault('a_new_fault')).toBe('a_new_fault')
    expect(tongue('ru').named('state', 'parked')).toBe('parked')
  })

  it('gives nothing for no time and for a broken one', () => {
    expect([tongue('en').time(null), tongue('en').time('soon'), tongue('en').date('')]).toEqual(['', '', ''])
  })

  it.each([
    [null, ''],
    [0, '0:00'],
    [42, '0:42'],
    [3661, '1:01:01'],
  ])('%s seconds are %s', (seconds, shown) => expect(tongue('en').duration(seconds)).toBe(shown))
})

describe('the app’s words', () => {
  const sources = Object.values(
    import.meta.glob<string>(['../**/*.{ts,tsx}', '!../words/**'], { query: '?raw', import: 'default', eager: true }),
  ).join('\n')

  it.each(Object.keys(tables.en))('%s is said somewhere', (key) => {
    const prefix = key.slice(0, key.lastIndexOf('.'))
    const said = [`'${key}'`, `\`${prefix}.\${`, `named('${prefix}'`].some((form) => sources.includes(form))
    expect(said).toBe(true)
  })
})
