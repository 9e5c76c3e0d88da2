import { Alert, Button, Group, NativeSelect, Stack, Table, Text, Textarea, Title } from '@mantine/core'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useDeferredValue, useState } from 'react'
import { useI18n } from '../../app/context'
import { AsyncState, notify, Refused } from '../../parts/asyncstate'
import { type MappingTried, type Source, type SourceRequest, sourcesApi } from './api'
import { Understood } from './log'
import { assign, assigned, ours, pathOf, type Role, roles, type Translated, translate, wordsOf } from './mappingdraft'
import { mappingWords } from './mappingwords'

/** Which field of the PBX's requests is what, beside what the last requests become by it. */
export function Mapping({ source, requests }: { source: Source; requests: SourceRequest[] }) {
  const { t } = useI18n(mappingWords)
  const stored = source.settings.mapping ?? ''
  const [open, setOpen] = useState(stored !== '')
  return (
    <section className="panel">
      <Title order={2} size="h4">
        {t('mapping.title')}
      </Title>
      <Text className="quiet" size="sm" mb="sm">
        {t(open ? 'mapping.lead' : 'mapping.none')}
      </Text>
      {open ? (
        <Editor key={source.version} source={source} stored={stored} requests={requests} />
      ) : (
        <Button variant="default" onClick={() => setOpen(true)}>
          {t('mapping.open')}
        </Button>
      )}
    </section>
  )
}

/** What stands for a request that is pasted. */
const pasted = 'pasted'

function Editor({ source, stored, requests }: { source: Source; stored: string; requests: SourceRequest[] }) {
  const { t, exact } = useI18n(mappingWords)
  const queries = useQueryClient()
  const [text, setText] = useState(stored)
  const [chosen, setChosen] = useState('')
  const [raw, setRaw] = useState('')
  const request = chosen || String(requests[0]?.id ?? pasted)
  const trial = useDeferredValue({ mapping: text, ...(request === pasted ? { raw } : { log_id: Number(request) }) })
  const tried = useQuery({
    queryKey: ['mappingtrial', source.id, trial],
    queryFn: () => sourcesApi.tryMapping(source.id, trial),
    enabled: request !== pasted || raw.trim() !== '',
    placeholderData: keepPreviousData,
    retry: false,
  })
  const save = useMutation({
    mutationFn: () => {
      const { mapping: _, ...others } = source.settings
      const settings = text.trim() === '' ? others : { ...others, mapping: text }
      const { country, area, active } = source
      return sourcesApi.change(source.id, { settings, country, area, active }, source.version)
    },
    onSuccess: async () => {
      notify(t('app.saved'))
      await queries.invalidateQueries()
    },
  })
  return (
    <div className="twin">
      <Stack gap="sm">
        <Presets put={setText} />
        <Textarea
          label={t('mapping.document')}
          autosize
          minRows={8}
          maxRows={28}
          spellCheck={false}
          styles={{ input: { fontFamily: 'monospace', fontSize: 13 } }}
          value={text}
          onChange={(e) => setText(e.currentTarget.value)}
        />
        <Faults of={tried.data?.faults ?? []} />
        {save.error ? <Refused error={save.error} /> : null}
        <Group>
          <Button loading={save.isPending} disabled={text === stored} onClick={() => save.mutate()}>
            {t('app.save')}
          </Button>
        </Group>
      </Stack>
      <Stack gap="sm">
        <NativeSelect
          label={t('mapping.request')}
          value={request}
          data={[
            ...requests.map((r) => ({
              value: String(r.id),
              label: `${exact(r.at)} ${r.method} ${r.path}`.slice(0, 80),
            })),
            { value: pasted, label: t('mapping.pasted') },
          ]}
          onChange={(e) => setChosen(e.currentTarget.value)}
        />
        {request === pasted && (
          <Textarea
            label={t('mapping.raw')}
            description={t('mapping.raw.hint')}
            autosize
            minRows={4}
            maxRows={12}
            spellCheck={false}
            styles={{ input: { fontFamily: 'monospace', fontSize: 13 } }}
            value={raw}
            onChange={(e) => setRaw(e.currentTarget.value)}
          />
        )}
        {(request !== pasted || raw.trim() !== '') && (
          <AsyncState answer={tried}>{(data) => <Tried tried={data} text={text} put={setText} />}</AsyncState>
        )}
      </Stack>
    </div>
  )
}

/** The documents that come with the product, to begin with. */
function Presets({ put }: { put: (text: string) => void }) {
  const i18n = useI18n(mappingWords)
  const { t } = i18n
  const presets = useQuery({ queryKey: ['mappingpresets'], queryFn: sourcesApi.presets, staleTime: Infinity })
  const [name, setName] = useState('')
  const items = presets.data?.items ?? []
  const preset = items.find((p) => p.name === name)
  const choose = (next: string) => {
    setName(next)
    const found = items.find((p) => p.name === next)
    if (found) put(found.mapping)
  }
  return (
    <>
      <NativeSelect
        label={t('mapping.preset')}
        value={name}
        data={[
          { value: '', label: t('mapping.preset.none') },
          ...items.map((p) => ({ value: p.name, label: i18n.in(p.title) })),
        ]}
        onChange={(e) => choose(e.currentTarget.value)}
      />
      {preset && (
        <Text size="sm">
          {i18n.in(preset.about)} <strong>{t('mapping.published')}</strong>
        </Text>
      )}
    </>
  )
}

function Faults({ of }: { of: MappingTried['faults'] }) {
  const { fault } = useI18n(mappingWords)
  if (of.length === 0) return null
  return (
    <Alert color="red" variant="outline" role="alert">
      {of.map(({ field, code }) => (
        <div key={field + code}>
          <code>{field}</code>: {fault(code)}
        </div>
      ))}
    </Alert>
  )
}

interface Edited {
  text: string
  put: (text: string) => void
}

/** The fields of the request, each with what it is, and what became of it. */
function Tried({ tried, text, put }: Edited & { tried: MappingTried }) {
  const { t } = useI18n(mappingWords)
  const known = assigned(text)
  return (
    <>
      {tried.understood !== null && (
        <div>
          <Text fw={600}>{t('mapping.result')}</Text>
          <Understood of={tried.understood} empty={t('mapping.result.none')} />
        </div>
      )}
      {(Object.keys(ours) as Translated[]).map((field) => (
        <WordsOf
          key={field}
          field={field}
          sent={tried.fields.find(({ path }) => path === pathOf(text, field))?.text ?? ''}
          text={text}
          put={put}
        />
      ))}
      <div className="rows">
        <Table verticalSpacing={4}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('mapping.field')}</Table.Th>
              <Table.Th>{t('mapping.text')}</Table.Th>
              <Table.Th>{t('mapping.is')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {tried.fields.map(({ path, text: sent }) => (
              <Table.Tr key={path}>
                <Table.Td>
                  <code>{path}</code>
                </Table.Td>
                <Table.Td style={{ overflowWrap: 'anywhere' }}>{sent}</Table.Td>
                <Table.Td>
                  <NativeSelect
                    size="xs"
                    aria-label={t('mapping.is.of', { path })}
                    value={known.get(path) ?? ''}
                    data={[
                      { value: '', label: '—' },
                      ...roles.map((role) => ({ value: role, label: t(`mapping.role.${role}`) })),
                    ]}
                    onChange={({ currentTarget: { value } }) => value && put(assign(text, value as Role, path))}
                  />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </>
  )
}

/** What the PBX's words of a field mean; the one that was just sent is offered when it is not there yet. */
function WordsOf({ field, sent, text, put }: Edited & { field: Translated; sent: string }) {
  const { t } = useI18n(mappingWords)
  const words = wordsOf(text, field)
  if (!words) return null
  const isNew = sent !== '' && !Object.keys(words).some((word) => word.toLowerCase() === sent.toLowerCase())
  const rows = isNew ? { ...words, [sent]: '' } : words
  return (
    <fieldset className="topic">
      <legend>{t(`mapping.role.${field}`)}</legend>
      <Stack gap={6}>
        {Object.entries(rows).map(([theirs, our]) => (
          <NativeSelect
            key={theirs}
            size="xs"
            label={theirs === '' ? t('mapping.nothing') : theirs}
            value={our}
            data={[
              { value: '', label: t('mapping.word.none') },
              ...ours[field].map((word) => ({ value: word, label: t(`mapping.${field}.${word}` as never) })),
            ]}
            onChange={(e) => put(translate(text, field, theirs, e.currentTarget.value))}
          />
        ))}
      </Stack>
    </fieldset>
  )
}
