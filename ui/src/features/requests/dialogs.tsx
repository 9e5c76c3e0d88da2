// RequestDialogs a head from a card: the dialog, and what became of it.

import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { createContext, type FormEvent, type ReactNode, use, useMemo, useState } from 'react'
import type { Card } from '../../api/types'
import { useI18n } from '../../app/context'
import { notify } from '../../parts/asyncstate'
import { FormFaults, useFaults } from '../../parts/formfaults'
import { type Request, requestsApi } from './api'
import { words } from './words'

/** What can be asked about a card: a permit for an owned company, an owner for one without; null when there is no company. */
export interface HeadRequest {
  kind: 'permit' | 'assign'
  company: { id: number; name: string }
  owner: string
  call: number
}

export function headRequestOf(card: Card): HeadRequest | null {
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

const RequestDialogContext = createContext<(request: HeadRequest) => void>(() => {})

/** Opens the dialog that asks a head. */
export const useRequestDialog = (): ((request: HeadRequest) => void) => use(RequestDialogContext)

/** Gives the pages inside a dialog to ask with. */
export function RequestDialogs({ children }: { children: ReactNode }) {
  const { t } = useI18n(words)
  const [request, setRequest] = useState<HeadRequest | null>(null)
  const ask = useMemo(() => (next: HeadRequest) => setRequest(next), [])
  return (
    <RequestDialogContext value={ask}>
      {children}
      <Modal
        opened={request !== null}
        onClose={() => setRequest(null)}
        title={request && t(`request.title.${request.kind}`)}
        centered
        closeButtonProps={{ 'aria-label': t('app.cancel') }}
        transitionProps={{ duration: 0 }}
        lockScroll={false}
      >
        {request && <RequestForm request={request} close={() => setRequest(null)} />}
      </Modal>
    </RequestDialogContext>
  )
}

function RequestForm({ request: { kind, company, owner, call }, close }: { request: HeadRequest; close: () => void }) {
  const { t } = useI18n(words)
  const queries = useQueryClient()
  const [reason, setReason] = useState('')
  const send = useMutation({
    mutationFn: () => requestsApi.ask(kind, company.id, call, reason.trim()),
    onSuccess: async () => {
      notify(t('request.sent'))
      close()
      await queries.invalidateQueries({ queryKey: ['requests'] })
    },
  })
  const faults = useFaults(send.error)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    send.mutate()
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <FormFaults of={faults} />
        <Text>{t(`request.text.${kind}`, { company: company.name, owner })}</Text>
        <Textarea
          label={t('request.reason')}
          required
          data-autofocus
          autosize
          minRows={2}
          maxLength={500}
          value={reason}
          error={faults.at('reason')}
          onChange={(e) => setReason(e.currentTarget.value)}
        />
        <Group>
          <Button type="submit" loading={send.isPending}>
            {t('request.send')}
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
export function RequestOfCard({ card }: { card: Card }) {
  const request = headRequestOf(card)
  const { t, time } = useI18n(words)
  const { data } = useQuery({
    queryKey: ['requests', 'of', request?.company.id],
    queryFn: () => requestsApi.list({ mine: true, company_id: request!.company.id, limit: 1 }),
    enabled: request !== null,
    refetchInterval: ({ state }) => (state.data?.items[0]?.state === 'open' ? 5_000 : false),
  })
  const ask: Request | undefined = data?.items[0]
  if (!ask || Date.now() - Date.parse(ask.decided_at ?? ask.asked_at) > 12 * 3_600_000) return null
  return (
    <p className={`requeststate ${ask.state}`} role="status">
      <strong>{t(`request.state.${ask.state}`, { time: time(ask.asked_at) })}</strong>
      {ask.decided_by && <> {t('requests.by', { name: ask.decided_by.name })}.</>} {ask.answer}
    </p>
  )
}
