import { describe, expect, it } from 'vitest'
import type { Card } from '../api/types'
import { sampleCard } from '../testing/cards'
import { cardAction, type HeadRequest, headRequestOf, pageOf } from './cardaction'

const owner = { id: 17, name: 'Ivanov', extension: '101', active: true }
const red: Card = {
  ...sampleCard({ color: 'red' }),
  number: { raw: '8 495', e164: '+74950000011', kind: 'external', extension: '' },
}
const company = { ...red.subject!, kind: 'company' as const, id: 310, url: '/companies/310', owner }
const card: Card = { ...red, subject: company }

describe('a button in another’s frame', () => {
  it('opens a page of the application for what needs one, and nothing else does', () => {
    expect(pageOf('open', card)).toBe('/companies/310')
    expect(pageOf('create_lead', card)).toBe('/leads/new?number=%2B74950000011')
    expect(pageOf('create_contact', card)).toBe('/contacts/new?number=%2B74950000011')
    expect((['ask_permit', 'ask_head', 'pass_to_owner'] as const).map((action) => pageOf(action, card))).toEqual([
      null,
      null,
      null,
    ])
  })

  it('asks the head for a permit, or for an owner where there is none', async () => {
    const asked: HeadRequest[] = []
    const said = await cardAction('ask_permit', card, 'en', async (request) => {
      asked.push(request)
      return ''
    })
    expect(said).toBe('The head has been asked. The answer comes on your next card.')
    expect(asked).toEqual([{ kind: 'permit', company_id: 310, call_id: card.call?.id ?? 0 }])
    expect(headRequestOf({ ...card, subject: { ...company, owner: null } })?.kind).toBe('assign')
    expect(headRequestOf({ ...card, subject: null } as unknown as Card)).toBeNull()
  })

  it('says why it could not ask', async () => {
    expect(await cardAction('ask_head', card, 'en', async () => 'ask_not_needed')).toMatch(
      /^There is nothing to ask for/,
    )
    expect(await cardAction('ask_head', card, 'en', async () => 'pass_over')).toMatch(/open the call card again/)
    expect(await cardAction('ask_permit', card, 'ru', async () => 'internal')).toMatch(/^Не получилось/)
    expect(await cardAction('ask_permit', card, 'en', () => Promise.reject(new Error('no network')))).toMatch(
      /^That did not work/,
    )
  })

  it('says to whom the call belongs', async () => {
    const nobody = async () => expect.unreachable()
    expect(await cardAction('pass_to_owner', card, 'en', nobody)).toBe(
      'Pass the call on your phone to Ivanov, extension 101.',
    )
    expect(
      await cardAction(
        'pass_to_owner',
        { ...card, subject: { ...company, owner: { ...owner, extension: '' } } },
        'ru',
        nobody,
      ),
    ).toBe('Попросите перезвонить: Ivanov. Внутренний номер неизвестен.')
    expect(await cardAction('open', card, 'en', nobody)).toBe('')
  })
})
