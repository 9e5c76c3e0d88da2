import { Button, NativeSelect, Stack, Text, TextInput, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useI18n } from '../../app/context'
import { notify } from '../../parts/asyncstate'
import { FormFaults, useFaults } from '../../parts/formfaults'
import { StatusLabel } from '../../parts/links'
import { statusesApi } from '../statuses/api'
import { type Client, clientsApi } from './api'
import { words } from './words'

/**
 * The status of a company and its change. The server decides who may; others read why not, and the attempt is in the
 * journal.
 */
export function StatusChange({ company }: { company: Client }) {
  const { t } = useI18n(words)
  const queries = useQueryClient()
  const statuses = useQuery({ queryKey: ['statuses'], queryFn: statusesApi.list })
  const [status, setStatus] = useState('')
  const [reason, setReason] = useState('')
  const change = useMutation({
    mutationFn: () => clientsApi.changeStatus(company.id, status, reason.trim(), company.version),
    onSuccess: () => {
      setStatus('')
      setReason('')
      notify(t('app.saved'))
    },
    // Also after a refusal: a stale version is answered with the new one on the screen.
    onSettled: () => queries.invalidateQueries(),
  })
  const faults = useFaults(change.error)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    change.mutate()
  }
  const choices = (statuses.data?.items ?? []).filter((s) => s.active && s.code !== company.status?.code)
  return (
    <form onSubmit={submit} className="panel">
      <Stack gap="sm">
        <FormFaults of={faults} />
        <Title order={2} size="h5">
          {t('client.status')}
        </Title>
        <Text size="xl" fw={700} component="div">
          <StatusLabel status={company.status} />
        </Text>
        <NativeSelect
          label={t('client.status.new')}
          value={status}
          error={faults.at('status')}
          onChange={(e) => setStatus(e.currentTarget.value)}
          data={[{ value: '', label: '—' }, ...choices.map((s) => ({ value: s.code, label: s.name }))]}
        />
        <TextInput
          label={t('client.status.reason')}
          value={reason}
          error={faults.at('reason')}
          onChange={(e) => setReason(e.currentTarget.value)}
          maxLength={500}
        />
        <Button type="submit" disabled={!status} loading={change.isPending}>
          {t('client.status.change')}
        </Button>
        <Text size="sm" className="quiet">
          {t('client.status.rule')}
        </Text>
      </Stack>
    </form>
  )
}
