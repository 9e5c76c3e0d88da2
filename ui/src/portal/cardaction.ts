// What the buttons of a card do in another's frame: what can be done there is done there, for the pass of the viewer;
// the rest opens a page of the application in a window of its own, and its button says so.

import type { Action, Card } from '../api/types'
import type { Lang } from '../card/words'

/** What a head is asked for: a permit, or an owner for a company that has none. */
export interface HeadRequest {
  kind: 'permit' | 'assign'
  company_id: number
  call_id: number
}

/** Asks; gives the code of a refusal, '' when the head has been asked. */
export type Asker = (request: HeadRequest) => Promise<string>

const words = {
  en: {
    asked: 'The head has been asked. The answer comes on your next card.',
    ask_not_needed: 'There is nothing to ask for: you may work with this client.',
    pass_over: 'The sign-in is over: open the call card again.',
    unasked: 'That did not work. Try again, or ask in Callhue.',
    pass: (owner: string, extension: string) =>
      extension
        ? `Pass the call on your phone to ${owner}, extension ${extension}.`
        : `Ask ${owner} to call back: no extension is known.`,
  },
  ru: {
    asked: 'Руководителю отправлена просьба. Ответ будет на следующей карточке.',
    ask_not_needed: 'Просить не о чем: с этим клиентом вам работать можно.',
    pass_over: 'Вход устарел: откройте карточку звонка заново.',
    unasked: 'Не получилось. Попробуйте ещё раз или попросите в Callhue.',
    pass: (owner: string, extension: string) =>
      extension
        ? `Переведите звонок на телефоне: ${owner}, внутренний ${extension}.`
        : `Попросите перезвонить: ${owner}. Внутренний номер неизвестен.`,
  },
}

/** The page of the application behind a button; null for what is done here. */
export function pageOf(action: Action, card: Card): string | null {
  const number = encodeURIComponent(card.number.e164 || card.number.raw)
  if (action === 'open') return card.subject?.url ?? '/'
  if (action === 'create_lead') return `/leads/new?number=${number}`
  return action === 'create_contact' ? `/contacts/new?number=${number}` : null
}

/** The company that an ask is about; null where there is none. */
export function headRequestOf(card: Card): HeadRequest | null {
  const company = card.subject?.kind === 'company' ? card.subject : card.subject?.company
  return company
    ? { kind: company.owner ? 'permit' : 'assign', company_id: company.id, call_id: card.call?.id ?? 0 }
    : null
}

/** Does what a button says that needs no page, and gives what to tell the viewer of it; '' for nothing. */
export async function cardAction(action: Action, card: Card, lang: Lang, ask: Asker): Promise<string> {
  const t = words[lang]
  const owner = card.subject?.owner
  if (action === 'pass_to_owner') return owner ? t.pass(owner.name, owner.extension ?? '') : ''
  const request = action === 'ask_permit' || action === 'ask_head' ? headRequestOf(card) : null
  if (!request) return ''
  const code = await ask(request).catch(() => 'unasked')
  if (!code) return t.asked
  return code === 'ask_not_needed' || code === 'pass_over' ? t[code] : t.unasked
}
