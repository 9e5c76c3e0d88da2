import { Button, Group, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useLayoutEffect, useRef } from 'react'
import type { Card } from '../../api/types'
import { useAppContext, useI18n, useLive } from '../../app/context'
import { cardKey } from '../../card/key'
import { ColorMark } from '../../parts/links'
import { CallTable } from '../calls/calltable'
import { clientsApi } from '../clients/api'
import { RelatedParts } from '../clients/related'
import { words as clientsWords } from '../clients/words'
import { RequestOfCard } from '../requests/dialogs'
import { words } from './words'

const texts = words.with(clientsWords)

/** The agent's day: what rings now, large; what was closed; what was called. */
export function Today() {
  const { liveCards } = useAppContext()
  const { t } = useI18n(texts)
  const { cards } = useLive()
  const live = cards.find((card) => card.call?.state !== 'ended')
  const place = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    liveCards.moveTo(place.current)
    return () => liveCards.moveTo(null)
  }, [liveCards])
  return (
    <div className="page">
      <Title order={1} className="unseen">
        {t('today.title')}
      </Title>
      <div ref={place} className="livecardsplace" />
      {cards.length === 0 && (
        <Text className="quietday" component="p">
          {t('today.quiet')}
        </Text>
      )}
      {live && <RequestOfCard card={live} />}
      <OnTheLine card={live} />
      <ClosedCards />
      <Title order={2} size="h3" mt="lg" mb="sm">
        {t('today.mine')}
      </Title>
      <CallTable query={{ agent: 'me' }} label={t('today.mine')} alone />
    </div>
  )
}

/** What is known around the client who is on the line; asked for after his card is shown, never before. */
function OnTheLine({ card }: { card: Card | undefined }) {
  const { t } = useI18n(texts)
  const subject = card?.subject
  const { data } = useQuery({
    queryKey: ['client', subject?.kind, subject?.id],
    queryFn: () => clientsApi.page(subject!.kind, subject!.id),
    enabled: Boolean(subject?.id),
  })
  if (!subject || !data) return null
  return (
    <section className="ontheline">
      <RelatedParts related={data.related} title={t('client.related')} />
    </section>
  )
}

/** What this reader closed stays within reach: closing is not forgetting. */
function ClosedCards() {
  const { live } = useAppContext()
  const { t } = useI18n(texts)
  const { cards, dismissed } = useLive()
  const closed = cards.filter((card) => dismissed.includes(cardKey(card)))
  if (closed.length === 0) return null
  return (
    <section>
      <Title order={2} size="h3" mt="lg" mb="sm">
        {t('today.closed')}
      </Title>
      <ul className="bare">
        {closed.map((card) => (
          <li key={cardKey(card)}>
            <Group gap="sm">
              <ColorMark color={card.verdict.color} />
              <span>{card.subject?.name ?? card.number.e164}</span>
              <Button variant="default" size="xs" onClick={() => live?.send({ type: 'reopen', key: cardKey(card) })}>
                {t('today.reopen')}
              </Button>
            </Group>
          </li>
        ))}
      </ul>
    </section>
  )
}
