import { describe, expect, it } from 'vitest'
import type { Card } from '../api/types'
import { sampleCard } from '../testing/cards'
import { clock } from './clock'
import { shapeOf } from './icons'
import { pretty } from './number'
import { isWebAddress, paintOf, sentence } from './view'
import { hugeWord, langOf, words } from './words'

describe('the huge word', () => {
  const cases: Array<[why: string, card: Card, word: string, shape: string]> = [
    ['red stops', sampleCard({ color: 'red', relation: 'foreign' }), 'word.red', 'stop'],
    [
      'a head sees the same octagon with a calmer word',
      sampleCard({ color: 'red', relation: 'supervisor' }),
      'word.red.head',
      'stop',
    ],
    ['yellow is a contact', sampleCard({ color: 'yellow' }), 'word.yellow', 'contact'],
    ['blue is a lead', sampleCard({ color: 'blue' }), 'word.blue', 'lead'],
    ['grey was not checked', sampleCard({ color: 'grey' }), 'word.grey', 'question'],
    ['own client', sampleCard({ color: 'none', relation: 'own' }), 'word.own', 'own'],
    ['a deputy helps', sampleCard({ color: 'none', relation: 'deputy' }), 'word.team', 'own'],
    ['who has a permit may go on', sampleCard({ color: 'none', relation: 'permit' }), 'word.permit', 'own'],
    ['foreign but free is not "yours"', sampleCard({ color: 'none', relation: 'foreign' }), 'word.company', 'company'],
    ['nothing found', { ...sampleCard({ color: 'none', relation: 'none' }), subject: null }, 'word.unknown', 'nobody'],
  ]
  it.each(cases)('%s', (_why, card, word, shape) => {
    expect(hugeWord(card)).toBe(word)
    expect(shapeOf(card)).toBe(shape)
  })

  it('a colour of a newer server is painted "not checked", never free', () => {
    const card = sampleCard({ color: 'purple' as never })
    expect(paintOf(card)).toBe('grey')
    expect(hugeWord(card)).toBe('word.grey')
  })

  it('the policy may choose the shape, of those that there are', () => {
    const wearing = (icon: string) => {
      const card = sampleCard({ color: 'red', relation: 'foreign' })
      return shapeOf({ ...card, verdict: { ...card.verdict, icon } })
    }
    expect(['contact', 'skull', 'toString', ''].map(wearing)).toEqual(['contact', 'stop', 'stop', 'stop'])
  })

  it('each colour has a shape of its own', () => {
    const shapes = (['red', 'yellow', 'blue', 'grey', 'none'] as const).map((color) => shapeOf(sampleCard({ color })))
    expect(new Set(shapes).size).toBe(5)
  })
})

describe('words', () => {
  it('are complete in both languages', () => {
    expect(Object.keys(words.ru).sort()).toEqual(Object.keys(words.en).sort())
    for (const table of Object.values(words)) for (const word of Object.values(table)) expect(word.trim()).not.toBe('')
  })

  it('Russian is written in Russian', () => {
    for (const [key, word] of Object.entries(words.ru)) expect(word, key).toMatch(/[а-яё]/i)
  })

  it('the language follows the tag', () => {
    expect([langOf('ru-RU'), langOf('RU'), langOf('en'), langOf('de'), langOf(null)]).toEqual([
      'ru',
      'ru',
      'en',
      'en',
      'en',
    ])
  })

  it('a screen reader hears colour, client, owner and what to do', () => {
    expect(
      sentence(sampleCard({ color: 'red', relation: 'foreign', title: 'Foreign', text: 'Pass it on.' }), 'en'),
    ).toBe('TAKEN. Acme. Owner: Ivanov, ext. 101. Foreign. Pass it on.')
  })
})

describe('numbers', () => {
  it.each([
    ['+74950000011', '+7 495 000-00-11'],
    ['+447700900123', '+44 7700 900123'],
    ['+12025550123', '+1 202 555-0123'],
    ['+4930123456', '+4 930 123 456'],
    ['', ''],
    ['104', '104'],
  ])('%s is shown as %s', (raw, shown) => expect(pretty(raw)).toBe(shown))
})

describe('the clock', () => {
  const talking = (answered: string | null, ended: string | null = null): Card => {
    const card = sampleCard({ color: 'none' })
    return { ...card, call: { ...card.call!, answered_at: answered, ended_at: ended } }
  }
  const noon = Date.parse('2026-03-12T12:00:00Z')

  it.each([
    ['before the answer it is empty', talking(null), noon, ''],
    ['counts from the answer', talking('2026-03-12T11:58:55Z'), noon, '1:05'],
    ['shows hours', talking('2026-03-12T10:00:00Z'), noon, '2:00:00'],
    ['stops at the end', talking('2026-03-12T11:00:00Z', '2026-03-12T11:00:09Z'), noon, '0:09'],
    ['a server clock ahead of ours gives zero', talking('2026-03-12T12:00:30Z'), noon, '0:00'],
    ['an unreadable time gives nothing', talking('yesterday'), noon, ''],
  ])('%s', (_why, card, now, shown) => expect(clock(card, now)).toBe(shown))
})

it('the page of the subject in the CRM opens over http and https only', () => {
  expect(['https://crm.example/accounts/7', 'http://crm.example'].filter(isWebAddress)).toHaveLength(2)
  expect([undefined, '', 'javascript:alert(1)', '//crm.example', 'data:text/html,x'].filter(isWebAddress)).toEqual([])
})
