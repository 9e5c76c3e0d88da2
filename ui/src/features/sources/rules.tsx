import { Button, Group, Stack, Table, Text, TextInput, Title } from '@mantine/core'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useDeferredValue, useState } from 'react'
import { useI18n } from '../../app/context'
import { notify } from '../../parts/asyncstate'
import { FormFaults, useFaults } from '../../parts/formfaults'
import { type NumberRule, type Source, type SourceRequest, sourcesApi } from './api'
import { numbersOf, outsideLine } from './rulesdraft'
import { rulesWords } from './ruleswords'

/** The rules by which a source's numbers are rewritten, with what they make of the numbers of its last requests. */
export function NumberRules({ source, requests }: { source: Source; requests: SourceRequest[] }) {
  const { t } = useI18n(rulesWords)
  const queries = useQueryClient()
  const [rules, setRules] = useState<NumberRule[]>(source.rules)
  const [typed, setTyped] = useState('')
  const save = useMutation({
    mutationFn: () => sourcesApi.change(source.id, { rules }, source.version),
    onSuccess: async () => {
      notify(t('app.saved'))
      await queries.invalidateQueries()
    },
  })
  const faults = useFaults(save.error)
  const put = (n: number, change: Partial<NumberRule>) =>
    setRules(rules.map((rule, i) => (i === n ? { ...rule, ...change } : rule)))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  return (
    <form onSubmit={submit} className="panel">
      <Title order={2} size="h4">
        {t('rules.title')}
      </Title>
      <Text className="quiet" size="sm" mb="sm">
        {t('rules.lead')}
      </Text>
      <Stack gap="sm">
        <FormFaults of={faults} />
        {rules.map((rule, n) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a rule has no name but its place
          <div className="ask flush" key={n}>
            <TextInput
              className="wide"
              label={t('rules.pattern')}
              description={n === 0 ? t('rules.pattern.hint') : undefined}
              required
              value={rule.pattern}
              error={faults.at(`rules.${n}.pattern`)}
              onChange={(e) => put(n, { pattern: e.currentTarget.value })}
            />
            <TextInput
              label={t('rules.replacement')}
              value={rule.replacement}
              error={faults.at(`rules.${n}.replacement`)}
              onChange={(e) => put(n, { replacement: e.currentTarget.value })}
            />
            <Button variant="default" onClick={() => setRules(rules.filter((_, i) => i !== n))}>
              {t('rules.remove')}
            </Button>
          </div>
        ))}
        <Group gap="xs">
          <Button variant="default" onClick={() => setRules([...rules, { pattern: '', replacement: '$1' }])}>
            {t('rules.add')}
          </Button>
          <Button variant="default" onClick={() => setRules([...rules, outsideLine('9')])}>
            {t('rules.outside')}
          </Button>
        </Group>
        <TextInput label={t('rules.try')} value={typed} onChange={(e) => setTyped(e.currentTarget.value)} />
        <Tried id={source.id} rules={rules} numbers={typed.trim() ? [typed.trim()] : numbersOf(requests)} />
        <Group>
          <Button type="submit" loading={save.isPending}>
            {t('app.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

/** What rules make of numbers; nothing is shown while a rule cannot be used. */
function Tried({ id, rules, numbers }: { id: number; rules: NumberRule[]; numbers: string[] }) {
  const { t, named } = useI18n(rulesWords)
  const trial = useDeferredValue({ rules, numbers })
  const tried = useQuery({
    queryKey: ['ruletrial', id, trial],
    queryFn: () => sourcesApi.tryRules(id, trial),
    enabled: trial.numbers.length > 0,
    placeholderData: keepPreviousData,
    retry: false,
  })
  if (!tried.data || tried.error || trial.numbers.length === 0) return null
  return (
    <Table aria-label={t('rules.tried')}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">{t('rules.number')}</Table.Th>
          <Table.Th scope="col">{t('rules.read')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {tried.data.items.map(({ number, e164, kind }, n) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a number may be there twice
          <Table.Tr key={n}>
            <Table.Td>{number}</Table.Td>
            <Table.Td className={kind === 'invalid' ? 'amiss' : undefined}>
              {e164 || named('rules.kind', kind)}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}
