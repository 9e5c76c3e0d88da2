import { Button, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useI18n } from '../../app/context'
import { AsyncState } from '../../parts/asyncstate'
import { type Column, Rows } from '../../parts/pages'
import { useUsers } from '../users/userselect'
import { type Policy, type PolicyVersion, policyApi } from './api'
import { differences, fieldName } from './draft'
import { words } from './words'

/** The last 200 versions of the policy, the active one first; any can be taken into the draft. */
export function Versions({ take }: { take: (policy: Policy) => void }) {
  const { t } = useI18n(words)
  const answer = useQuery({ queryKey: ['policy', 'versions'], queryFn: () => policyApi.versions({ limit: 200 }) })
  return (
    <section>
      <Title order={2} size="h3" mt="xl" mb="sm">
        {t('policy.versions')}
      </Title>
      <AsyncState answer={answer}>{({ items }) => <Table versions={items} take={take} />}</AsyncState>
    </section>
  )
}

function Table({ versions, take }: { versions: PolicyVersion[]; take: (policy: Policy) => void }) {
  const i18n = useI18n(words)
  const { t, time } = i18n
  const people = useUsers()
  const changed = (version: PolicyVersion) => {
    const before = versions[versions.indexOf(version) + 1]
    return before
      ? differences(before.policy, version.policy)
          .map((field) => fieldName(field, i18n))
          .join(', ')
      : ''
  }
  const columns: Column<PolicyVersion>[] = [
    { head: t('policy.version'), cell: ({ version }) => <strong>{version}</strong> },
    {
      head: t('policy.version.when'),
      cell: ({ created_at }) =>
        created_at ? (
          <time dateTime={created_at} className="whole">
            {time(created_at)}
          </time>
        ) : (
          <span className="quiet">{t('policy.version.shipped')}</span>
        ),
    },
    { head: t('policy.version.who'), cell: ({ created_by }) => people.get(created_by)?.name ?? '' },
    { head: t('policy.version.what'), cell: changed },
    { head: t('policy.version.why'), cell: ({ reason }) => reason },
    {
      head: t('policy.version.take'),
      cell: ({ version, policy }) => (
        <Button
          variant="default"
          size="xs"
          aria-label={`${t('policy.version.take')}: ${version}`}
          onClick={() => take(policy)}
        >
          {t('policy.version.take')}
        </Button>
      ),
    },
  ]
  return <Rows rows={versions} columns={columns} keyOf={({ version }) => version} label={t('policy.versions')} />
}
