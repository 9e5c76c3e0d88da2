// Asking a head from a card: the dialog, and what became of it.

import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { createContext, type FormEvent, type ReactNode, use, useMemo, useState } from 'react'
import { type Ask, asksApi } from '../../api/asks'
import type { Card } from '../../api/contract'
import { useTongue } from '../house'
import { faultOf, Refused, say } from './states'

/** What can be asked about a card: a permit for an owned company, an owner for one without; null when there is no company. */
export interface Wish {
  kind: 'permit' | 'assign'
  company: { id: number; name: string }
  owner: string
  call: number
}

export function wishOf(card: Card): Wish | null {
  const { subject } = card
  const company = subject?.kind === 'company' ? subject : subject?.company
  if (!company) return null
  const owner = company.owner?.name ?? ''
  return {
    kind: owner ? 'permit' : 'assign',
    company: { id: company.id, name: company.name },
    owner,
    call: card.call?.id ?? 0,
  }
}

const AskingContext = createContext<(wish: Wish) => void>(() => {})

/** Opens the dialog that asks a head. */
export const useAsking = (): ((wish: Wish) => void) => use(AskingContext)

/** Gives the pages inside a dialog to ask with. */
export function Asking({ children }: { children: ReactNode }) {
  const { t } = useTongue()
  const [wish, setWish] = useState<Wish | null>(null)
  const ask = useMemo(() => (next: Wish) => setWish(next), [])
  return (
    <AskingContext value={ask}>
      {children}
      <Modal
        opened={wish !== null}
        onClose={() => setWish(null)}
        title={wish && t(`ask.title.${wish.kind}`)}
        centered
        closeButtonProps={{ 'aria-label': t('app.cancel') }}
        transitionProps={{ duration: 0 }}
        lockScroll={false}
      >
        {wish && <AskForm wish={wish} close={() => setWish(null)} />}
      </Modal>
    </AskingContext>
  )
}

function AskForm({ wish: { kind, company, owner, call }, close }: { wish: Wish; close: () => void }) {
  const tongue = useTongue()
  const { t } = tongue
  const queries = useQueryClient()
  const [reason, setReason] = useState('')
  const send = useMutation({
    mutationFn: () => asksApi.ask(kind, company.id, call, reason.trim()),
    onSuccess: async () => {
      say(t('ask.sent'))
      close()
      await queries.invalidateQueries({ queryKey: ['asks'] })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    send.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Text>{t(`ask.text.${kind}`, { company: company.name, owner })}</Text>
        <Textarea
          label={t('ask.reason')}
          required
          data-autofocus
          autosize
          minRows={2}
          maxLength={500}
          value={reason}
          error={faultOf(send.error, 'reason', tongue)}
          onChange={(e) => setReason(e.currentTarget.value)}
        />
        {send.error ? <Refused error={send.error} marked={/^reason$/} /> : null}
        <Group>
          <Button type="submit" loading={send.isPending}>
            {t('ask.send')}
          </Button>
          <Button variant="default" onClick={close}>
            {t('app.cancel')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

/** What became of the reader's own ask about the company of a card; nothing when he has not asked today. */
export function AskOfCard({ card }: { card: Card }) {
  const wish = wishOf(card)
  const { t, time } = useTongue()
  const { data } = useQuery({
    queryKey: ['asks', 'of', wish?.company.id],
    queryFn: () => asksApi.asks({ mine: 'true', company_id: wish!.company.id, limit: 1 }),
    enabled: wish !== null,
    refetchInterval: ({ state }) => (state.data?.items[0]?.state === 'open' ? 5_000 : false),
  })
  const ask: Ask | undefined = data?.items[0]
  if (!ask || Date.now() - Date.parse(ask.decided_at ?? ask.asked_at) > 12 * 3_600_000) return null
  return (
    <p className={`askstate ${ask.state}`} role="status">
      <strong>{t(`ask.state.${ask.state}`, { time: time(ask.asked_at) })}</strong>
      {ask.decided_by && <> {t('asks.by', { name: ask.decided_by.name })}.</>} {ask.answer}
    </p>
  )
}
