import { Button, SegmentedControl, Stack, Text, TextInput, Title } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { useSearchParams } from 'react-router'
import type { Card, Direction } from '../../api/types'
import { useLocalActions } from '../../app/cardactions'
import { has, useI18n, useMe } from '../../app/context'
import { FormFaults, useFaults } from '../../parts/formfaults'
import { ShownCard } from '../../parts/links'
import { dialable } from '../dial/dialable'
import { DialButton } from '../dial/dialbutton'
import { UserSelect, useUsers } from '../users/userselect'
import { checkApi } from './api'
import { Why } from './verdictfacts'
import { words } from './words'

/** Asks before dialling: whose client is this number? `?number=` asks at once. */
export function Check() {
  const { t } = useI18n(words)
  const me = useMe()
  const [parameters, setParameters] = useSearchParams()
  const asked = parameters.get('number') ?? ''
  const [number, setNumber] = useState(asked)
  const [direction, setDirection] = useState<Direction>('out')
  const [agent, setAgent] = useState(0)
  const people = useUsers()
  const check = useMutation({
    mutationFn: (value: string) => checkApi.check(value, direction, people.get(agent)?.login),
  })
  const { mutate } = check
  const first = useRef(asked)
  useEffect(() => {
    if (first.current) mutate(first.current)
  }, [mutate])

  const faults = useFaults(check.error)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setParameters({ number }, { replace: true })
    mutate(number)
  }
  return (
    <div className="page">
      <Title order={1}>{t('check.title')}</Title>
      <Text className="quiet" mb="md">
        {t('check.lead')}
      </Text>
      <FormFaults of={faults} />
      <form onSubmit={submit} className="ask">
        <TextInput
          label={t('check.number')}
          placeholder={t('check.hint')}
          type="tel"
          size="md"
          required
          value={number}
          onChange={(e) => setNumber(e.currentTarget.value)}
          className="wide"
          autoFocus
          error={faults.at('number')}
        />
        {has(me, 'supervisor', 'admin') && (
          <UserSelect
            label={t('check.as')}
            nobody={t('check.as.self')}
            size="md"
            value={agent}
            error={faults.at('agent')}
            onChange={setAgent}
          />
        )}
        <SegmentedControl
          aria-label={t('check.direction')}
          size="md"
          value={direction}
          onChange={(value) => setDirection(value as Direction)}
          transitionDuration={0}
          data={[
            { value: 'out', label: t('direction.out') },
            { value: 'in', label: t('direction.in') },
          ]}
        />
        <Button type="submit" size="md" loading={check.isPending}>
          {t('check.button')}
        </Button>
      </form>
      {check.data && <Answer card={check.data} />}
    </div>
  )
}

function Answer({ card }: { card: Card }) {
  const actions = useLocalActions()
  return (
    <Stack mt="lg" ref={actions}>
      <ShownCard card={card} />
      <div>
        <DialButton large number={dialable(card.number)} />
      </div>
      <Why card={card} />
    </Stack>
  )
}
