import { Button, NativeSelect, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useI18n } from '../../app/context'
import { ColorMark, StatusLabel } from '../../parts/links'
import { statusesApi } from '../statuses/api'
import { words as statusesWords } from '../statuses/words'
import type { MappingProps } from './draft'
import { entriesOf, sameNames } from './draft'
import { words } from './words'

const texts = words.with(statusesWords)

/** Each entry of the CRM's field beside the status of ours that it means. */
export function StatusRows({ mapping, draft, put, faults }: MappingProps) {
  const { t } = useI18n(texts)
  const { data } = useQuery({ queryKey: ['statuses'], queryFn: statusesApi.list, staleTime: 60_000 })
  const entries = entriesOf(mapping, draft.status_field)
  const ours = (data?.items ?? []).filter(({ active }) => active)
  const found = sameNames(entries, ours, draft.statuses)
  const more = entries.some(({ value }) => (draft.statuses[value] ?? '') !== (found[value] ?? ''))
  if (entries.length === 0) return <Text className="quiet">{t('mapping.statuses.empty')}</Text>
  return (
    <>
      {more && (
        <Button variant="default" size="xs" mb="sm" onClick={() => put({ statuses: found })}>
          {t('mapping.statuses.same')}
        </Button>
      )}
      <ul className="bare pairs">
        {entries.map(({ value, name }) => {
          const status = ours.find(({ code }) => code === draft.statuses[value])
          return (
            <li key={value}>
              <span>{name || value}</span>
              <NativeSelect
                aria-label={t('mapping.status.of', { name: name || value })}
                value={draft.statuses[value] ?? ''}
                error={faults.at(`statuses.${value}`)}
                onChange={(e) => put({ statuses: { ...draft.statuses, [value]: e.currentTarget.value } })}
                data={[
                  { value: '', label: t('mapping.status.none') },
                  ...ours.map((one) => ({ value: one.code, label: one.name })),
                ]}
              />
              <span className="effect">
                {status && (
                  <>
                    <StatusLabel status={status} />{' '}
                    {status.card_effect === 'banner' ? (
                      t('statuses.effect.banner')
                    ) : (
                      <ColorMark color={status.card_effect} />
                    )}
                  </>
                )}
              </span>
            </li>
          )
        })}
      </ul>
    </>
  )
}
