// What is asked before a call: look whose client this is, say why, choose the PBX; or why there will be no call.

import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { type FormEvent, type ReactNode, useEffect, useState } from 'react'
import { Link } from 'react-router'
import type { Card } from '../../api/types'
import { has, useI18n, useMe } from '../../app/context'
import { pretty } from '../../card/number'
import { ShownCard, VerdictLine } from '../../parts/links'
import { headRequestOf, useRequestDialog } from '../requests/dialogs'
import { words as requestsWords } from '../requests/words'
import { cautionOf } from './caution'
import { useDialler } from './context'
import { SourceChoice } from './sourcechoice'
import { words } from './words'

const texts = words.with(requestsWords)

/** The dialog of a call that cannot go on by itself. */
export function Question() {
  const { t } = useI18n(texts)
  const { state, drop } = useDialler()
  const narrow = useMediaQuery('(max-width: 700px)', undefined, { getInitialValueInEffect: false })
  const open = state?.at === 'asking' || state?.at === 'cannot'
  useReturn(open)
  return (
    <Modal
      opened={open}
      onClose={drop}
      title={open && t('dial.title', { number: pretty(state.number) })}
      size="lg"
      centered
      fullScreen={narrow}
      padding={narrow ? 14 : 'md'}
      returnFocus={false}
      closeButtonProps={{ 'aria-label': t('dial.not') }}
      transitionProps={{ duration: 0 }}
      lockScroll={false}
    >
      {state?.at === 'asking' && <Asked card={state.card} />}
      {state?.at === 'cannot' && <Cannot why={state.why} />}
    </Modal>
  )
}

/**
 * Brings the focus back to where it was before the dialog. Mantine's own way looks for that place after the dialog is
 * drawn, and where an answer of the server opened it, the focus is inside already.
 */
function useReturn(open: boolean): void {
  const { origin } = useDialler()
  useEffect(() => {
    if (!open) return
    return () => {
      if (document.activeElement === document.body) origin.current?.focus({ preventScroll: true })
    }
  }, [open, origin])
}

function Asked({ card }: { card: Card }) {
  switch (cautionOf(card)) {
    case 'blocked':
      return <Stopped card={card} why="number_blocked" />
    case 'permit':
      return <Stopped card={card} why="permit_needed" />
    case 'red':
      return <Stopped card={card} why="red_blocked" />
    case 'reason':
      return <WithReason card={card} />
    case 'look':
      return <AllTheSame card={card} />
    case 'free':
      return <Through card={card} />
  }
}

/** The card as it will be at the call; what it would ask for then is asked for beside it now. */
function Before({ card }: { card: Card }) {
  return <ShownCard card={{ ...card, actions: [], enforcement: null }} />
}

function Stopped({ card, why }: { card: Card; why: string }) {
  const { t, fault } = useI18n(texts)
  const { drop } = useDialler()
  const ask = useRequestDialog()
  const request = why === 'number_blocked' ? null : headRequestOf(card)
  return (
    <Stack gap="sm">
      <Before card={card} />
      <Text fw={700} role="alert">
        {fault(why)}
      </Text>
      <Group>
        {request && (
          <Button
            onClick={() => {
              drop()
              ask(request)
            }}
          >
            {t('request.title.permit')}
          </Button>
        )}
        <Button variant="default" data-autofocus onClick={drop}>
          {t('dial.not')}
        </Button>
      </Group>
    </Stack>
  )
}

interface FormProps {
  card: ReactNode
  go: string
  /** Where one is wanted; blanks are none. */
  reason?: string
  /** The focus starts on the way out. */
  safe?: boolean
  children?: ReactNode
}

/** A form around a card; its answer begins the call. */
function Form({ card, go, reason, safe, children }: FormProps) {
  const { t } = useI18n(texts)
  const { goOn, drop, source } = useDialler()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    goOn(reason?.trim() ?? '')
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {card}
        {children}
        <SourceChoice />
        <Group>
          <Button type="submit" disabled={!source || reason?.trim() === ''}>
            {go}
          </Button>
          <Button variant="default" data-autofocus={safe} onClick={drop}>
            {t('dial.not')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function AllTheSame({ card }: { card: Card }) {
  const { t } = useI18n(texts)
  return <Form card={<Before card={card} />} go={t('dial.anyway')} safe />
}

function WithReason({ card }: { card: Card }) {
  const { t } = useI18n(texts)
  const [reason, setReason] = useState('')
  return (
    <Form card={<Before card={card} />} go={t('dial.anyway')} reason={reason}>
      <Textarea
        label={t('dial.reason')}
        description={t('dial.reason.hint')}
        required
        data-autofocus
        autosize
        minRows={2}
        maxLength={500}
        value={reason}
        onChange={(e) => setReason(e.currentTarget.value)}
      />
    </Form>
  )
}

/** Nothing is to be said against the call; only its PBX has not been chosen yet. */
function Through({ card }: { card: Card }) {
  const { t } = useI18n(texts)
  return <Form card={<VerdictLine verdict={card.verdict} />} go={t('dial.do')} />
}

/** Why this reader cannot call from here, and who can change that. */
function Cannot({ why }: { why: string }) {
  const { t, named, fault } = useI18n(texts)
  const { drop } = useDialler()
  const me = useMe()
  const page = why === 'no_extension' ? `/users/${me.id}` : '/sources'
  return (
    <Stack gap="sm">
      <Text fw={700}>{fault(why)}</Text>
      <Text>{named('dial.cannot', why)}</Text>
      <Group>
        {has(me, 'admin') && (
          <Button component={Link} to={page} onClick={drop}>
            {t('dial.settle')}
          </Button>
        )}
        <Button variant="default" data-autofocus onClick={drop}>
          {t('app.cancel')}
        </Button>
      </Group>
    </Stack>
  )
}
