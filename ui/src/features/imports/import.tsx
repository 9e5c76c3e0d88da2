import { Alert, Anchor, Button, Group, Progress, Text, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link, useNavigate, useParams } from 'react-router'
import { useI18n } from '../../app/context'
import { AsyncState, notify, Refused } from '../../parts/asyncstate'
import { Pages } from '../../parts/pages'
import { busy, type Import, importsApi, type KeptRecord } from './api'
import { Settings } from './settings'
import { Counts, TrialResult } from './trial'
import { words } from './words'

/** One import, from the uploaded file to its undo. */
export function ImportPage() {
  const { t } = useI18n(words)
  const id = Number(useParams().id)
  const answer = useQuery({
    queryKey: ['import', id],
    queryFn: () => importsApi.one(id),
    refetchInterval: ({ state: { data } }) => (data && busy(data) ? 700 : false),
  })
  return (
    <div className="page">
      <Link to="/imports">{t('imports.back')}</Link>
      <AsyncState answer={answer}>{(one) => <Steps one={one} />}</AsyncState>
    </div>
  )
}

function Steps({ one }: { one: Import }) {
  const { t, fault } = useI18n(words)
  const open = one.state === 'uploaded' || one.state === 'ready' || (one.state === 'failed' && one.rows === 0)
  const reason = one.error.split(':').at(-1) ?? ''
  return (
    <>
      <Title order={1} mb="xs">
        {one.file}
      </Title>
      <Text className="quiet" mb="md">
        {t(`imports.kind.${one.kind}`)} · {t(`imports.state.${one.state}`)}
      </Text>
      {one.state === 'failed' && (
        <Alert color="red" variant="outline" className="refused" role="alert" mb="md">
          {t('imports.failed', { reason: fault(reason) })}
        </Alert>
      )}
      {open && one.format && one.settings && (
        <Settings key={`${one.id} ${one.updated_at}`} one={one} format={one.format} settings={one.settings} />
      )}
      {busy(one) && <Moving one={one} />}
      {open && <Check one={one} />}
      {!open && (one.rows > 0 || one.state === 'done') && <Outcome one={one} />}
    </>
  )
}

/** Sends one order about the import and shows what came of it. */
function useOrder(send: (id: number) => Promise<Import>, id: number) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: () => send(id),
    onSuccess: async (now) => {
      queries.setQueryData(['import', id], now)
      await queries.invalidateQueries({ queryKey: ['imports'] })
    },
  })
}

function Moving({ one }: { one: Import }) {
  const { t } = useI18n(words)
  const percent = Math.round(one.share * 100)
  return (
    <div className="panel" role="status">
      <Text mb="xs">
        {t(`imports.state.${one.state}`)}: {percent} %
      </Text>
      <Progress value={percent} aria-label={t('imports.progress')} size="lg" />
    </div>
  )
}

/** The dry run, and what may follow it. */
function Check({ one }: { one: Import }) {
  const { t } = useI18n(words)
  const go = useNavigate()
  const queries = useQueryClient()
  const dryRun = useOrder(importsApi.dryRun, one.id)
  const run = useOrder(importsApi.run, one.id)
  const discard = useMutation({
    mutationFn: () => importsApi.discard(one.id),
    onSuccess: async () => {
      notify(t('imports.discarded', { file: one.file }))
      await queries.invalidateQueries({ queryKey: ['imports'] })
      void go('/imports')
    },
  })
  const error = dryRun.error ?? run.error ?? discard.error
  return (
    <section className="panel">
      <Title order={2} mb="xs">
        {t('imports.step.check')}
      </Title>
      <Text className="quiet" mb="sm">
        {t('imports.dryrun.lead')}
      </Text>
      {error && <Refused error={error} />}
      {one.dry_run && <TrialResult one={one} trial={one.dry_run} />}
      <Group mt="md">
        <Button variant={one.dry_run ? 'default' : 'filled'} loading={dryRun.isPending} onClick={() => dryRun.mutate()}>
          {t(one.dry_run ? 'imports.dryrun.again' : 'imports.dryrun')}
        </Button>
        {one.dry_run && (
          <Button loading={run.isPending} onClick={() => run.mutate()}>
            {t('imports.run', { rows: one.dry_run.rows })}
          </Button>
        )}
        <Button variant="default" loading={discard.isPending} onClick={() => discard.mutate()}>
          {t('imports.discard')}
        </Button>
      </Group>
    </section>
  )
}

/** What has been imported, and the way back. */
function Outcome({ one }: { one: Import }) {
  const { t } = useI18n(words)
  const [asked, setAsked] = useState(false)
  const undo = useOrder(importsApi.undo, one.id)
  const run = useOrder(importsApi.run, one.id)
  const error = undo.error ?? run.error
  return (
    <section className="panel">
      {error && <Refused error={error} />}
      <Counts of={one} dropped={one.dropped} />
      {one.settings && (one.refused > 0 || one.dropped > 0) && (
        <Text mt="sm">
          <Anchor href={importsApi.refused(one.id)} download>
            {t('imports.report')}
          </Anchor>
        </Text>
      )}
      {one.state === 'undone' && <Text mt="sm">{t('imports.undone', { undone: one.undone, kept: one.kept })}</Text>}
      {one.kept > 0 && <Kept id={one.id} />}
      {one.state === 'failed' && !one.done_at && (
        <Button mt="md" mr="sm" loading={run.isPending} onClick={() => run.mutate()}>
          {t('imports.run.on')}
        </Button>
      )}
      {one.can_undo && (
        <>
          <Text className="quiet" mt="md">
            {t('imports.undo.lead')}
          </Text>
          <Button
            mt="xs"
            color="red.9"
            variant={asked ? 'filled' : 'default'}
            loading={undo.isPending}
            onClick={() => (asked ? undo.mutate() : setAsked(true))}
          >
            {t(asked ? 'imports.undo.sure' : 'imports.undo')}
          </Button>
        </>
      )}
    </section>
  )
}

const pages = { company: 'companies', contact: 'contacts', lead: 'leads', user: 'users' }

function Kept({ id }: { id: number }) {
  const { t, named, fault } = useI18n(words)
  const why = (reason: string) => {
    const text = named('imports.kept', reason)
    return text === reason ? fault(reason) : text
  }
  return (
    <>
      <Title order={3} mt="md" mb="xs">
        {t('imports.kept')}
      </Title>
      <Pages
        name={`imports-kept-${id}`}
        load={(query: object) => importsApi.kept(id, query)}
        query={{}}
        keyOf={(row: KeptRecord) => row.id}
        label={t('imports.kept')}
        columns={[
          {
            head: t('imports.kept.record'),
            cell: (row: KeptRecord) => <Link to={`/${pages[row.kind]}/${row.id}`}>{row.id}</Link>,
          },
          { head: t('imports.reason'), cell: (row: KeptRecord) => why(row.reason) },
          {
            head: t('imports.kept.fields'),
            cell: (row: KeptRecord) =>
              row.fields
                .split(',')
                .map((field) => named('imports.field', field))
                .join(', '),
          },
        ]}
      />
    </>
  )
}
