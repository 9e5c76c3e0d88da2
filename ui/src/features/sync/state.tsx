import { Button, Group, Stack, Text, Title } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useI18n } from '../../app/context'
import { Refused } from '../../parts/asyncstate'
import { Rows } from '../../parts/pages'
import { type Phase, type Sync, type SyncState, syncApi } from './api'
import { words } from './words'

/** How often it is looked again, in milliseconds: oftener while something moves. */
export const pace = (sync: Sync | undefined): number => (sync?.state === 'importing' || sync?.queue ? 1_500 : 4_000)

/** How a connected CRM stands: in a word, in numbers, and what to do about it. */
export function State({ id, sync, toMapping }: { id: number; sync: Sync; toMapping: () => void }) {
  const { t, named, time } = useI18n(words)
  const waits = sync.state === 'connecting' && sync.portal !== null
  return (
    <Stack gap="md">
      <section className="panel">
        <Group justify="space-between" align="flex-start">
          <div role="status">
            <StateMark state={sync.state} />
          </div>
          <Again id={id} sync={sync} />
        </Group>
        <Text mt="sm">{waits ? t('sync.advice.mapping') : named('sync.advice', sync.state)}</Text>
        {waits && (
          <Button mt="sm" onClick={toMapping}>
            {t('sync.to_mapping')}
          </Button>
        )}
        {sync.error && <Failure error={sync.error} lasts={sync.state !== 'following' && sync.state !== 'importing'} />}
        <dl className="factlist syncfacts">
          {sync.portal && (
            <div>
              <dt>{t('sync.portal')}</dt>
              <dd>
                <Portal portal={sync.portal} />
              </dd>
            </div>
          )}
          {sync.portal?.user && (
            <div>
              <dt>{t('sync.user')}</dt>
              <dd>{sync.portal.user}</dd>
            </div>
          )}
          <div>
            <dt>{t('sync.caught_up')}</dt>
            <dd>{time(sync.caught_up_at) || t('sync.never')}</dd>
          </div>
          <div>
            <dt>{t('sync.queue')}</dt>
            <dd>{sync.queue}</dd>
          </div>
        </dl>
      </section>
      <Notes of={sync} />
      {sync.import && <Import of={sync.import} />}
      <section>
        <Title order={2} size="h4" mb="xs">
          {t('sync.counts')}
        </Title>
        <Rows
          rows={sync.counts}
          keyOf={({ kind }) => kind}
          label={t('sync.counts')}
          columns={[
            { head: t('sync.count.kind'), cell: ({ kind }) => <strong>{named('sync.kind', kind)}</strong> },
            {
              head: t('sync.count.linked'),
              cell: ({ linked }) => <Counted head={t('sync.count.linked')} n={linked} />,
            },
            { head: t('sync.count.added'), cell: ({ added }) => <Counted head={t('sync.count.added')} n={added} /> },
            {
              head: t('sync.count.changed'),
              cell: ({ changed }) => <Counted head={t('sync.count.changed')} n={changed} />,
            },
          ]}
        />
      </section>
    </Stack>
  )
}

/** A number that says of what it is where the table has become a sheet. */
function Counted({ head, n }: { head: string; n: number }) {
  const { lang } = useI18n(words)
  return (
    <>
      <span className="narrowonly quiet">{head}: </span>
      {n.toLocaleString(lang)}
    </>
  )
}

function Portal({ portal: { name, url } }: { portal: NonNullable<Sync['portal']> }) {
  return /^https?:\/\//.test(url) ? (
    <a href={url} target="_blank" rel="noreferrer">
      {name || url}
    </a>
  ) : (
    name
  )
}

/** The state by a shape, a colour and a word. */
export function StateMark({ state }: { state: SyncState }) {
  const { named } = useI18n(words)
  return <strong className={`syncmark ${state}`}>{named('sync.state', state)}</strong>
}

/** What failed last; loud while it `lasts`. */
function Failure({ error: { code, text, at }, lasts }: { error: NonNullable<Sync['error']>; lasts: boolean }) {
  const { t, fault, named, time } = useI18n(words)
  const failure = fault(code)
  const advice = named('sync.do', code)
  return (
    <div className={lasts ? 'warning syncerror' : 'quiet syncerror'}>
      <div>
        {t('sync.error', { time: time(at) })} {failure}
      </div>
      {text && text !== code && text !== failure && <div className="quiet">{text}</div>}
      {advice !== code && <div>{advice}</div>}
    </div>
  )
}

/** What is peculiar about the CRM, and which of its records could not be read. */
function Notes({ of: { notes, unreadable } }: { of: Sync }) {
  const { t, fault, lang } = useI18n(words)
  if (notes.length === 0 && unreadable.count === 0) return null
  return (
    <section className="panel">
      {notes.map(({ code, text }) => (
        <Text key={code}>{t(`sync.note.${code}`, { text })}</Text>
      ))}
      {unreadable.count > 0 && (
        <details>
          <summary>{t('sync.unreadable', { n: unreadable.count.toLocaleString(lang) })}</summary>
          <Text className="quiet" size="sm">
            {t('sync.unreadable.hint')}
          </Text>
          <ul>
            {unreadable.records.map(({ kind, id, code, text }) => (
              <li key={`${kind} ${id}`}>
                {t(`sync.one.${kind as 'company' | 'contact' | 'lead'}`)} {id}: {text || fault(code)}
              </li>
            ))}
          </ul>
          {unreadable.count > unreadable.records.length && (
            <Text className="quiet" size="sm">
              {t('sync.unreadable.more', { n: unreadable.records.length })}
            </Text>
          )}
        </details>
      )}
    </section>
  )
}

/** Everything once more: what is here stays, what is different there comes. */
function Again({ id, sync }: { id: number; sync: Sync }) {
  const { t } = useI18n(words)
  const queries = useQueryClient()
  const again = useMutation({
    mutationFn: () => syncApi.runImport(id),
    onSuccess: (next) => queries.setQueryData(['sync', id], next),
  })
  return (
    <div>
      <Button
        variant="default"
        disabled={sync.state === 'importing'}
        loading={again.isPending}
        title={t('sync.again.hint')}
        onClick={() => again.mutate()}
      >
        {t('sync.again')}
      </Button>
      {again.error ? <Refused error={again.error} /> : null}
    </div>
  )
}

const phases: Phase[] = ['staff', 'companies', 'contacts', 'leads', 'gone']

/** The whole import, phase by phase; the one that runs shows how far it is. */
function Import({ of: { phase, done, total, started_at, finished_at } }: { of: NonNullable<Sync['import']> }) {
  const { t, named, time, lang } = useI18n(words)
  const at = finished_at ? phases.length : phases.indexOf(phase)
  const many = (n: number) => n.toLocaleString(lang)
  return (
    <section className="panel">
      <Title order={2} size="h4" mb="xs">
        {t('sync.import')}
      </Title>
      <Text className="quiet" size="sm" mb="sm">
        {finished_at
          ? t('sync.import.finished', { from: time(started_at), until: time(finished_at) })
          : t('sync.import.started', { time: time(started_at) })}
      </Text>
      <ol className="phases">
        {phases.map((one, i) => (
          <li
            key={one}
            className={i < at ? 'done' : i === at ? 'now' : ''}
            aria-current={i === at ? 'step' : undefined}
          >
            <span>
              {named('sync.phase', one)}
              {i < at && <span className="unseen"> {t('sync.phase.done')}</span>}
            </span>
            {i === at && (
              <>
                <progress
                  aria-label={named('sync.phase', one)}
                  {...(total > 0 ? { value: Math.min(done, total), max: total } : {})}
                />
                <span className="quiet whole">
                  {total >= 0 ? t('sync.import.of', { done: many(done), total: many(total) }) : many(done)}
                </span>
              </>
            )}
          </li>
        ))}
      </ol>
    </section>
  )
}
