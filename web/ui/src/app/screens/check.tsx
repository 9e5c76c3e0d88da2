import { Button, SegmentedControl, Stack, Text, TextInput, Title } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useEffect, useRef, useState, type FormEvent } from 'react'
import { useSearchParams } from 'react-router'
import type { Card, Direction } from '../../api/contract'
import { api } from '../../api/routes'
import { has, useMe, useTongue } from '../house'
import { ShownCard } from '../parts/marks'
import { useLocalActions } from '../parts/actions'
import { Refused } from '../parts/states'

/** Asks before dialling: whose client is this number? `?number=` asks at once. */
export function Check() {
  const { t } = useTongue()
  const me = useMe()
  const [parameters, setParameters] = useSearchParams()
  const asked = parameters.get('number') ?? ''
  const [number, setNumber] = useState(asked)
  const [direction, setDirection] = useState<Direction>('out')
  const [agent, setAgent] = useState('')
  const check = useMutation({ mutationFn: (value: string) => api.check(value, direction, agent.trim()) })
  const { mutate } = check
  const first = useRef(asked)
  useEffect(() => {
    if (first.current) mutate(first.current)
  }, [mutate])

  const submit = (event: FormEvent) => {
    event.preventDefault()
    setParameters({ number }, { replace: true })
    mutate(number)
  }
  return (
    <div className="page">
      <Title order={1}>{t('check.title')}</Title>
      <Text className="quiet" mb="md">{t('check.lead')}</Text>
      <form onSubmit={submit} className="ask">
        <TextInput label={t('check.number')} placeholder={t('check.hint')} type="tel" size="md" required value={number} onChange={(e) => setNumber(e.currentTarget.value)} className="wide" autoFocus />
        {has(me, 'supervisor', 'admin') && (
          <TextInput label={t('check.as')} placeholder={t('check.as.hint')} size="md" value={agent} onChange={(e) => setAgent(e.currentTarget.value)} />
        )}
        <SegmentedControl
          aria-label={t('check.direction')} size="md" value={direction} onChange={(value) => setDirection(value as Direction)} transitionDuration={0}
          data={[{ value: 'out', label: t('direction.out') }, { value: 'in', label: t('direction.in') }]}
        />
        <Button type="submit" size="md" loading={check.isPending}>{t('check.button')}</Button>
      </form>
      {check.error ? <Refused error={check.error} /> : null}
      {check.data && <Answer card={check.data} />}
    </div>
  )
}

function Answer({ card }: { card: Card }) {
  const actions = useLocalActions()
  return (
    <Stack mt="lg" ref={actions}>
      <ShownCard card={card} />
      <Why card={card} />
    </Stack>
  )
}

/** Everything that the verdict stands on, in words. */
export function Why({ card }: { card: Card }) {
  const { t, why, named, exact } = useTongue()
  const { verdict, number } = card
  const facts: Array<[string, string]> = [
    [t('check.why'), why(verdict.why)],
    [t('check.relation'), named('relation', verdict.relation)],
    [t('check.read_as'), number.e164 || number.raw],
    [t('check.number_kind'), named('number', number.kind)],
    [t('check.code'), verdict.why],
    [t('check.row'), verdict.row ?? '—'],
    [t('check.policy'), String(verdict.policy)],
    [t('check.decided'), exact(verdict.decided_at)],
  ]
  return (
    <dl className="factlist">
      {facts.map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}
    </dl>
  )
}
