import { Button, Checkbox, Stack, Text, TextInput, Title } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useI18n } from '../../app/context'
import { FormFaults, useFaults } from '../../parts/formfaults'
import type { Source } from '../sources/api'
import { syncApi } from './api'
import { words } from './words'

/** Asks the CRM whether it lets us in. A code of amoCRM that is typed signs us in first, and its account can be told to send its changes. */
export function Reach({ source }: { source: Source }) {
  const { t } = useI18n(words)
  const queries = useQueryClient()
  const amocrm = source.dialect === 'amocrm-sync'
  const [code, setCode] = useState('')
  const [subscribe, setSubscribe] = useState(amocrm)
  const reach = useMutation({
    mutationFn: () => syncApi.reach(source.id, code.trim(), subscribe),
    onSuccess: () => setCode(''),
    onSettled: () => queries.invalidateQueries({ queryKey: ['sync', source.id] }),
  })
  const faults = useFaults(reach.error)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    reach.mutate()
  }
  return (
    <form onSubmit={submit} className="panel">
      <Title order={2} size="h4" mb="xs">
        {t('reach.title')}
      </Title>
      <Stack gap="sm" maw={560} align="flex-start">
        <FormFaults of={faults} />
        {amocrm && source.settings.redirect_uri && (
          <TextInput
            w="100%"
            label={t('reach.code')}
            description={t('reach.code.hint')}
            autoComplete="off"
            value={code}
            error={faults.at('code')}
            onChange={(e) => setCode(e.currentTarget.value)}
          />
        )}
        {amocrm && (
          <Checkbox
            label={t('reach.subscribe')}
            checked={subscribe}
            onChange={(e) => setSubscribe(e.currentTarget.checked)}
          />
        )}
        <Button type="submit" variant="default" loading={reach.isPending}>
          {t('reach.do')}
        </Button>
        {reach.data && (
          <Text role="status" fw={600}>
            {t('reach.done', { name: reach.data.name, user: reach.data.user })}
          </Text>
        )}
      </Stack>
    </form>
  )
}
