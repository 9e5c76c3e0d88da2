import { Button, Checkbox, ColorInput, Group, NativeSelect, NumberInput, Stack, Text, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { patterns } from '../../api/patterns'
import type { Card } from '../../api/types'
import { useI18n } from '../../app/context'
import type { I18nOf } from '../../i18n/i18n'
import { notify } from '../../parts/asyncstate'
import { FormFaults, useFaults } from '../../parts/formfaults'
import { ShownCard } from '../../parts/links'
import { Rehearsal } from '../policy/dryrun'
import { words as policyWords } from '../policy/words'
import { type EditedStatus, type Effect, statusesApi } from './api'
import { words } from './words'

const texts = words.with(policyWords)

const effects: Effect[] = ['none', 'banner', 'yellow', 'red']

/** Edits one entry of the directory (a new one has version 0), and shows the card that it makes. */
export function StatusForm({ status, close }: { status: EditedStatus; close: () => void }) {
  const i18n = useI18n(texts)
  const { t } = i18n
  const queries = useQueryClient()
  const [draft, setDraft] = useState(status)
  const isNew = status.version === 0
  const put = (change: Partial<EditedStatus>) => setDraft({ ...draft, ...change })
  const finish = async () => {
    await queries.invalidateQueries()
    notify(t('app.saved'))
    close()
  }
  const save = useMutation({
    mutationFn: () => {
      const { code, version, name, sort, color, card_effect, is_protected, is_default, active } = draft
      const entry = {
        name,
        sort,
        color,
        card_effect,
        is_protected,
        is_default,
        active,
        confirm: draft.confirm ?? false,
      }
      return isNew ? statusesApi.add(code, entry) : statusesApi.change(code, entry, version)
    },
    onSuccess: finish,
  })
  const remove = useMutation({ mutationFn: () => statusesApi.remove(status.code), onSuccess: finish })
  const faults = useFaults(save.error, remove.error)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  return (
    <form onSubmit={submit} className="panel">
      <div className="twin">
        <Stack gap="sm">
          <FormFaults of={faults} />
          <TextInput
            label={t('statuses.name')}
            required
            autoFocus
            value={draft.name}
            maxLength={100}
            error={faults.at('name')}
            onChange={(e) => put({ name: e.currentTarget.value })}
          />
          {isNew && (
            <TextInput
              label={t('statuses.code')}
              required
              pattern={patterns.NewStatus.code}
              title={t('statuses.code.hint')}
              placeholder="CLIENT"
              value={draft.code}
              error={faults.at('code')}
              onChange={(e) => put({ code: e.currentTarget.value.toUpperCase() })}
            />
          )}
          <NativeSelect
            label={t('statuses.effect')}
            value={draft.card_effect}
            error={faults.at('card_effect')}
            onChange={(e) => put({ card_effect: e.currentTarget.value as Effect })}
            data={effects.map((value) => ({ value, label: t(`statuses.effect.${value}`) }))}
          />
          <ColorInput
            label={t('statuses.color')}
            value={draft.color}
            error={faults.at('color')}
            onChange={(color) => put({ color })}
            withPicker={false}
            withEyeDropper={false}
            swatches={['#c4001d', '#e8590c', '#f08c00', '#2b8a3e', '#0a58ca', '#6741d9', '#868e96', '#212529']}
          />
          <NumberInput
            label={t('statuses.sort')}
            value={draft.sort}
            error={faults.at('sort')}
            min={0}
            onChange={(sort) => put({ sort: Number(sort) || 0 })}
          />
          <Checkbox
            label={t('statuses.protected')}
            description={t('statuses.protected.hint')}
            checked={draft.is_protected}
            error={faults.at('is_protected')}
            onChange={(e) => put({ is_protected: e.currentTarget.checked })}
          />
          {draft.card_effect === 'red' && !draft.is_protected && (
            <Checkbox
              label={t('statuses.confirm')}
              description={t('statuses.confirm.hint')}
              checked={draft.confirm ?? false}
              onChange={(e) => put({ confirm: e.currentTarget.checked })}
            />
          )}
          <Checkbox
            label={t('statuses.default')}
            checked={draft.is_default}
            error={faults.at('is_default')}
            onChange={(e) => put({ is_default: e.currentTarget.checked })}
          />
          <Checkbox
            label={t('statuses.active')}
            checked={draft.active}
            error={faults.at('active')}
            onChange={(e) => put({ active: e.currentTarget.checked })}
          />
          <Group>
            <Button type="submit" loading={save.isPending}>
              {t('app.save')}
            </Button>
            <Button variant="default" onClick={close}>
              {t('app.cancel')}
            </Button>
            {!isNew && !status.is_system && (
              <Button variant="default" loading={remove.isPending} onClick={() => remove.mutate()}>
                {t('statuses.remove')}
              </Button>
            )}
          </Group>
        </Stack>
        <div>
          <Text fw={700} mb="xs">
            {t('statuses.preview')}
          </Text>
          <ShownCard card={previewOf(draft, i18n)} />
        </div>
      </div>
      {!isNew && (
        <>
          <Text mt="md" mb="xs">
            {t('try.status')}
          </Text>
          <Rehearsal
            trial={{ statuses: [{ code: status.code, card_effect: draft.card_effect }] }}
            disabled={draft.card_effect === status.card_effect}
          />
        </>
      )}
    </form>
  )
}

/** The card that a colleague of the owner would see of a company with this status. */
export function previewOf(status: EditedStatus, { t }: I18nOf<typeof texts>): Card {
  const effect = status.card_effect
  const color = effect === 'banner' ? 'none' : effect
  return {
    number: { raw: '+74950000011', e164: '+74950000011', kind: 'external', extension: '' },
    verdict: {
      color,
      why: effect === 'red' ? 'foreign_in_work' : 'foreign_free',
      relation: 'foreign',
      banner: effect === 'banner',
      row: '',
      policy: 0,
      decided_at: '',
      title: t('statuses.preview.title', { status: status.name }),
      text: t(`statuses.preview.text.${effect}`),
    },
    subject: {
      kind: 'company',
      id: 0,
      name: t('statuses.preview.client'),
      owner: { id: 1, name: t('statuses.preview.owner'), extension: '101', active: true },
      status: { code: status.code, name: status.name, color: status.color },
      via: 'direct',
      since: '',
      url: '',
    },
    actions: [],
  }
}
