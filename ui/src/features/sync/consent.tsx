import { Button, Group, Stack, Text, Title } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useLocation, useNavigate } from 'react-router'
import { type FaultArgs, Problem } from '../../api/client'
import { useI18n } from '../../app/context'
import { Refused } from '../../parts/asyncstate'
import { type Source, sourcesApi } from '../sources/api'
import { ReturnAddress } from '../sources/steps'
import { type GivenConsent, syncApi } from './api'
import { words } from './words'

/** What an administrator came back with from the account's page of consent; it travels in the state of the address. */
export interface Outcome {
  given?: GivenConsent
  refused?: { status: number; code: string; args: FaultArgs }
}

/** Where the outcome of a consent is shown. */
export const outcomePage = (source: number): string => `/sources/${source}?tab=connection`

/** Lets us into an account of amoCRM: by a button to its page of consent, and back. Nothing where a long-lived token does. */
export function Consent({ source }: { source: Source }) {
  const { t } = useI18n(words)
  const place = useLocation() as { state: { consent?: Outcome } | null }
  const dialects = useQuery({ queryKey: ['dialects'], queryFn: sourcesApi.dialects, staleTime: Infinity })
  const begin = useMutation({
    mutationFn: () => syncApi.beginConsent(source.id),
    onSuccess: ({ url }) => location.assign(url),
  })
  const back = dialects.data?.items.find(({ name }) => name === source.dialect)?.return_url
  if (!back || source.settings.token) return null
  const outside = source.link?.state === 'not_installed'
  return (
    <section className="panel">
      <Title order={2} size="h4" mb="xs">
        {t('consent.title')}
      </Title>
      <Stack gap="sm" align="flex-start">
        {place.state?.consent && !begin.isPending && <Came outcome={place.state.consent} />}
        <Text maw={640}>{t('consent.lead')}</Text>
        <ReturnAddress of={back} />
        <Button
          variant={outside ? 'filled' : 'default'}
          loading={begin.isPending || begin.isSuccess}
          onClick={() => begin.mutate()}
        >
          {t(outside ? 'consent.begin' : 'consent.again')}
        </Button>
        {begin.error ? <Refused error={begin.error} /> : null}
      </Stack>
    </section>
  )
}

/** How it went there: the account that is connected now, or why none is. */
function Came({ outcome: { given, refused } }: { outcome: Outcome }) {
  const { t, fault } = useI18n(words)
  const go = useNavigate()
  if (refused) return <Refused error={new Problem(refused.status, refused.code, [], refused.args)} />
  if (!given) return null
  return (
    <div className="inset" role="status">
      <Text fw={600}>{t('consent.given', { name: given.portal.name, user: given.portal.user })}</Text>
      <Text mb="sm">
        {given.subscribed ? t('consent.subscribed') : t('consent.unsubscribed', { why: fault(given.why) })}
      </Text>
      <Group>
        <Button size="xs" onClick={() => void go({ search: '?tab=mapping' })}>
          {t('sync.to_mapping')}
        </Button>
      </Group>
    </div>
  )
}
