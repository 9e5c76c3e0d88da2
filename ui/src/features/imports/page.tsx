import { Anchor, FileButton, Text, Title, UnstyledButton } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type DragEvent, useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { useI18n } from '../../app/context'
import type { I18nOf } from '../../i18n/i18n'
import { Refused } from '../../parts/asyncstate'
import { Owner } from '../../parts/links'
import { PageHead } from '../../parts/listpage'
import { Pages } from '../../parts/pages'
import { type Import, importsApi } from './api'
import { words } from './words'

/** Where a file is dropped, and the imports so far. */
export function Imports() {
  const i18n = useI18n(words)
  const { t } = i18n
  return (
    <div className="page">
      <PageHead title={t('imports.title')} lead={t('imports.lead')} />
      <Drop />
      <Title order={2} mb="sm">
        {t('imports.past')}
      </Title>
      <Pages
        name="imports"
        load={importsApi.list}
        query={{}}
        columns={columns(i18n)}
        keyOf={(one) => one.id}
        label={t('imports.past')}
        none={t('imports.none')}
      />
    </div>
  )
}

/** Takes a file from the disk or from another window. */
function Drop() {
  const { t } = useI18n(words)
  const queries = useQueryClient()
  const go = useNavigate()
  const [over, setOver] = useState(false)
  const send = useMutation({
    mutationFn: (file: File) => importsApi.upload(file),
    onSuccess: async (one) => {
      await queries.invalidateQueries({ queryKey: ['imports'] })
      void go(`/imports/${one.id}`)
    },
  })
  const take = (file: File | null | undefined) => file && send.mutate(file)
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    take(event.dataTransfer.files[0])
  }
  return (
    <>
      {send.error && <Refused error={send.error} />}
      <FileButton onChange={take} accept=".csv,.tsv,.txt,.xlsx,.vcf">
        {(props) => (
          <UnstyledButton
            {...props}
            className="panel drop"
            data-over={over || undefined}
            disabled={send.isPending}
            onDragOver={(e) => {
              e.preventDefault()
              setOver(true)
            }}
            onDragLeave={() => setOver(false)}
            onDrop={drop}
          >
            <strong>
              {send.isPending ? t('imports.uploading', { file: send.variables.name }) : t('imports.drop')}
            </strong>
            <Text className="quiet">{t('imports.drop.hint')}</Text>
          </UnstyledButton>
        )}
      </FileButton>
    </>
  )
}

function columns({ t, time }: I18nOf<typeof words>) {
  return [
    {
      head: t('imports.file'),
      cell: (one: Import) => (
        <Anchor component={Link} to={`/imports/${one.id}`}>
          {one.file}
        </Anchor>
      ),
    },
    { head: t('imports.kind'), cell: (one: Import) => t(`imports.kind.${one.kind}`) },
    { head: t('imports.state'), cell: (one: Import) => t(`imports.state.${one.state}`) },
    {
      head: t('imports.by'),
      cell: (one: Import) => (one.user ? <Owner owner={one.user} /> : t('imports.cli')),
      minor: true,
    },
    { head: t('imports.begun'), cell: (one: Import) => time(one.begun_at), minor: true },
    { head: t('imports.added'), cell: (one: Import) => one.added },
    { head: t('imports.changed'), cell: (one: Import) => one.changed },
    { head: t('imports.refused'), cell: (one: Import) => one.refused },
  ]
}
