import { Button, Group, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useLayoutEffect, useRef } from 'react'
import { type Card, cardKey } from '../../api/contract'
import { api } from '../../api/routes'
import { useHouse, useLive, useTongue } from '../house'
import { AskOfCard } from '../parts/asking'
import { CallTable } from '../parts/calltable'
import { ColorMark } from '../parts/marks'
import { RelatedParts } from '../parts/related'

/** The agent's day: what rings now, large; what was closed; what was called. */
export function Today() {
  const { stage } = useHouse()
  const { t } = useTongue()
  const { cards } = useLive()
  const live = cards.find((card) => card.call?.state !== 'ended')
  const place = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    stage.moveTo(place.current)
    return () => stage.moveTo(null)
  }, [stage])
  return (
    <div className="page">
      <Title order={1} className="unseen">
        {t('today.title')}
      </Title>
      <div ref={place} className="stageplace" />
      {cards.length === 0 && (
        <Text className="quietday" component="p">
          {t('today.quiet')}
        </Text>
      )}
      {live && <AskOfCard card={live} />}
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
  const { t } = useTongue()
  const subject = card?.subject
  const { data } = useQuery({
    queryKey: ['client', subject?.kind, subject?.id],
    queryFn: () => api.clientPage(subject!.kind, subject!.id),
    enabled: Boolean(subject),
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
  const { live } = useHouse()
  const { t } = useTongue()
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
              <Button variant="default" size="xs" onClick={() => live?.wish({ type: 'reopen', key: cardKey(card) })}>
                {t('today.reopen')}
              </Button>
            </Group>
          </li>
        ))}
      </ul>
    </section>
  )
}
