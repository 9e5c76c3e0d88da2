import { describe, expect, it } from 'vitest'
import { verbTexts } from '../features/journal/verbs'
import { faults } from './faults'
import { sharedWords, type Table, Words } from './i18n'
import { reasons } from './reasons'
import { shared } from './shared'

const features = import.meta.glob<Words<string>>('../features/*/words.ts', { import: 'words', eager: true })
const tables: Array<[string, Table<string>]> = [
  ['shared', shared],
  ...Object.entries(features).map(([file, { table }]): [string, Table<string>] => [file.split('/')[2]!, table]),
]

const holes = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort()

describe.each([...tables, ['reasons', reasons], ['faults', faults], ['verbs', verbTexts]] as Array<
  [string, Table<string>]
>)('the texts of %s', (_name, both) => {
  it('are complete in both languages', () => {
    expect(Object.keys(both.ru).sort()).toEqual(Object.keys(both.en).sort())
  })

  it.each(Object.entries(both.en))('%s says the same thing twice', (key, english) => {
    const russian = both.ru[key]!
    expect(english.trim()).not.toBe('')
    expect(russian).toMatch(/[а-яё]/i)
    expect(english).not.toMatch(/[а-яё]/i)
    expect(holes(russian)).toEqual(holes(english))
  })
})

it('a key has one text, whatever features are together', () => {
  const keys = tables.flatMap(([, { en }]) => Object.keys(en))
  expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([])
})

describe('a language', () => {
  const en = sharedWords.in('en')
  const ru = sharedWords.in('ru')

  it('fills the holes and leaves those it has nothing for', () => {
    const { t } = new Words({ en: { 'call.title': 'Call {id}' }, ru: { 'call.title': 'Звонок {id}' } }).in('en')
    expect(t('call.title', { id: 7 })).toBe('Call 7')
    expect(t('call.title')).toBe('Call {id}')
  })

  it('shows a code that it does not know rather than nothing', () => {
    expect(ru.why('a_new_reason')).toBe('a_new_reason')
    expect(ru.fault('a_new_fault')).toBe('a_new_fault')
    expect(ru.named('state', 'parked')).toBe('parked')
  })

  it('gives nothing for no time and for a broken one', () => {
    expect([en.time(null), en.time('soon'), en.date('')]).toEqual(['', '', ''])
  })

  it.each([
    [null, ''],
    [0, '0:00'],
    [42, '0:42'],
    [3661, '1:01:01'],
  ])('%s seconds are %s', (seconds, shown) => expect(en.duration(seconds)).toBe(shown))
})

describe('the texts', () => {
  const sources = Object.values(
    import.meta.glob<string>(
      ['../**/*.{ts,tsx}', '!../**/words.ts', '!../i18n/**', '!../card/**', '!../**/*.test.ts'],
      {
        query: '?raw',
        import: 'default',
        eager: true,
      },
    ),
  ).join('\n')

  it.each(tables.flatMap(([, { en }]) => Object.keys(en)))('%s is said somewhere', (key) => {
    const prefix = key.slice(0, key.lastIndexOf('.'))
    const said = [`'${key}'`, `\`${prefix}.\${`, `named('${prefix}'`].some((form) => sources.includes(form))
    expect(said).toBe(true)
  })
})
