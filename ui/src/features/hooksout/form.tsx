import { Button, Group, Stack, Switch, TagsInput, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useI18n } from '../../app/context'
import { FormFaults, useFaults } from '../../parts/formfaults'
import { verbs, verbText } from '../journal/verbs'
import type { HookOut, HookOutDraft } from './api'
import { words } from './words'

interface Props {
  /** The subscription to change; without it a new one is made. */
  hook?: HookOut
  send: (draft: HookOutDraft) => Promise<HookOut>
  done: (hook: HookOut) => void
  close?: () => void
}

/** Whom to tell of what. */
export function HookForm({ hook, send, done, close }: Props) {
  const i18n = useI18n(words)
  const { t } = i18n
  const queries = useQueryClient()
  const [draft, setDraft] = useState<HookOutDraft>(hook ?? { name: '', url: 'https://', verbs: [], active: true })
  const save = useMutation({
    mutationFn: () =>
      send({ name: draft.name.trim(), url: draft.url.trim(), verbs: draft.verbs, active: draft.active }),
    onSuccess: async (saved) => {
      done(saved)
      await queries.invalidateQueries({ queryKey: ['hooks-out'] })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  const put = (change: Partial<HookOutDraft>) => setDraft({ ...draft, ...change })
  const faults = useFaults(save.error)
  // Each verb, and all of each kind.
  const kinds = [...new Set(verbs.map((verb) => `${verb.split('.')[0]}.*`))]
  return (
    <form onSubmit={submit} className="panel">
      <Stack gap="sm" maw={620}>
        <FormFaults of={faults} />
        <TextInput
          label={t('hooks.name')}
          required
          autoFocus={!hook}
          maxLength={100}
          value={draft.name}
          error={faults.at('name')}
          onChange={(e) => put({ name: e.currentTarget.value })}
        />
        <TextInput
          label={t('hooks.url')}
          required
          type="url"
          maxLength={1000}
          value={draft.url}
          error={faults.at('url')}
          onChange={(e) => put({ url: e.currentTarget.value })}
        />
        <TagsInput
          label={t('hooks.verbs')}
          description={t('hooks.verbs.hint')}
          value={draft.verbs}
          data={['*', ...kinds, ...verbs]}
          error={faults.at('verbs', 'verbs.*')}
          onChange={(chosen) => put({ verbs: chosen })}
          clearable
          clearButtonProps={{ 'aria-label': t('app.cancel') }}
          renderOption={({ option: { value } }) => (
            <span>
              {value}{' '}
              <span className="quiet">{(verbs as string[]).includes(value) ? verbText(i18n.lang, value) : ''}</span>
            </span>
          )}
        />
        <Switch
          label={t('hooks.on')}
          checked={draft.active}
          onChange={(e) => put({ active: e.currentTarget.checked })}
        />
        <Group>
          <Button type="submit" loading={save.isPending}>
            {t(hook ? 'app.save' : 'hooks.subscribe')}
          </Button>
          {close && (
            <Button variant="default" onClick={close}>
              {t('app.cancel')}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  )
}
