import { Checkbox, NativeSelect, NumberInput, Stack, Title } from '@mantine/core'
import { useI18n } from '../../app/context'
import type { KeyOf } from '../../i18n/i18n'
import type { Policy } from './api'
import type { DraftProps } from './draft'
import { words } from './words'

type Choice =
  | 'team'
  | 'deputy'
  | 'supervisor'
  | 'admin'
  | 'incoming'
  | 'own_contact'
  | 'missing_status'
  | 'shared_number'
  | 'leads'
  | 'do_not_call'

interface Knob {
  field: Choice
  values: Array<[value: string, word: KeyOf<typeof words>]>
}

const counts: Knob['values'] = [
  ['own', 'policy.own'],
  ['foreign', 'policy.foreign'],
]
const reds: Knob['values'] = [
  ['red', 'policy.red'],
  ['yellow', 'policy.yellow'],
  ['none', 'policy.none'],
]

const exemptions: Knob[] = [
  { field: 'team', values: counts },
  { field: 'deputy', values: counts },
  { field: 'supervisor', values: reds },
  { field: 'admin', values: reds },
  { field: 'incoming', values: reds },
]
const conduct: Knob[] = [
  { field: 'own_contact', values: reds.slice(1) },
  {
    field: 'missing_status',
    values: [
      ['default', 'policy.missing_status.default'],
      ['protected', 'policy.missing_status.protected'],
    ],
  },
  {
    field: 'shared_number',
    values: [
      ['oldest_link', 'policy.shared_number.oldest_link'],
      ['strictest', 'policy.shared_number.strictest'],
      ['own_first', 'policy.shared_number.own_first'],
    ],
  },
  {
    field: 'leads',
    values: [
      ['open_and_lost', 'policy.leads.open_and_lost'],
      ['open', 'policy.leads.open'],
    ],
  },
  {
    field: 'do_not_call',
    values: [
      ['warn', 'policy.do_not_call.warn'],
      ['block', 'policy.do_not_call.block'],
    ],
  },
]
const modes = ['warn', 'reason', 'permit', 'block'] as const
const recipients = ['owner', 'owner_head', 'agent_head'] as const
const inherits = ['inherit_contact_company', 'inherit_lead_company'] as const

/** Everything of the policy that is chosen from a few values. */
export function Settings(props: DraftProps) {
  const { draft, put, faults } = props
  const { t } = useI18n(words)
  return (
    <div className="twin">
      <section className="panel">
        <Title order={2} size="h4" mb="sm">
          {t('policy.exempt')}
        </Title>
        <Stack gap="sm">
          {exemptions.map((setting) => (
            <Choose key={setting.field} setting={setting} {...props} />
          ))}
        </Stack>
      </section>
      <section className="panel">
        <Title order={2} size="h4" mb="sm">
          {t('policy.conduct')}
        </Title>
        <Stack gap="sm">
          {conduct.map((setting) => (
            <Choose key={setting.field} setting={setting} {...props} />
          ))}
          {inherits.map((field) => (
            <Checkbox
              key={field}
              label={t(`policy.${field}`)}
              checked={draft[field]}
              onChange={(e) => put({ [field]: e.currentTarget.checked })}
            />
          ))}
          <NativeSelect
            label={t('policy.enforcement')}
            value={draft.enforcement.mode}
            error={faults.at('enforcement.mode')}
            onChange={(e) => {
              const mode = modes.find((one) => one === e.currentTarget.value)
              if (mode) put({ enforcement: { ...draft.enforcement, mode } })
            }}
            data={modes.map((mode) => ({
              value: mode,
              label: t(`policy.enforcement.${mode}`),
            }))}
          />
          <NumberInput
            label={t('policy.permit_hours')}
            value={draft.enforcement.permit_hours}
            min={1}
            max={168}
            clampBehavior="none"
            error={faults.at('enforcement.permit_hours')}
            onChange={(value) =>
              put({ enforcement: { ...draft.enforcement, permit_hours: Math.round(Number(value)) || 0 } })
            }
          />
          <NumberInput
            label={t('policy.incident_seconds')}
            value={draft.incident_seconds}
            min={0}
            max={3600}
            clampBehavior="none"
            error={faults.at('incident_seconds')}
            onChange={(value) => put({ incident_seconds: Math.round(Number(value)) || 0 })}
          />
          <NumberInput
            label={t('policy.idle_days')}
            description={t('policy.idle_days.hint')}
            value={draft.idle_days}
            min={0}
            max={3650}
            clampBehavior="none"
            error={faults.at('idle_days')}
            onChange={(value) => put({ idle_days: Math.round(Number(value)) || 0 })}
          />
          <Checkbox.Group label={t('policy.notify')} value={recipients.filter((recipient) => draft.notify[recipient])}>
            <Stack gap={6} mt={4}>
              {recipients.map((recipient) => (
                <Checkbox
                  key={recipient}
                  value={recipient}
                  label={t(`policy.notify.${recipient}`)}
                  onChange={(e) => put({ notify: { ...draft.notify, [recipient]: e.currentTarget.checked } })}
                />
              ))}
            </Stack>
          </Checkbox.Group>
        </Stack>
      </section>
    </div>
  )
}

function Choose({ setting, draft, put, faults }: DraftProps & { setting: Knob }) {
  const { t } = useI18n(words)
  const { field, values } = setting
  return (
    <NativeSelect
      label={t(`policy.${field}`)}
      value={draft[field]}
      error={faults.at(field)}
      onChange={(e) => put({ [field]: e.currentTarget.value } as Partial<Policy>)}
      data={values.map(([value, word]) => ({ value, label: t(word) }))}
    />
  )
}
