import { Button, Group, NativeSelect, Stack, Text, TextInput, Title } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { has, useI18n, useMe } from '../../app/context'
import { notify } from '../../parts/asyncstate'
import { FormFaults, useFaults } from '../../parts/formfaults'
import { type Department, type DepartmentDraft, type DepartmentKind, usersApi } from './api'
import { UserSelect, useUsers } from './userselect'
import { words } from './words'

const kinds: DepartmentKind[] = ['sales', 'call_centre', 'field', 'partner', 'product']
/** A department in the form; id 0 is a new one. */
type Edited = DepartmentDraft & Pick<Department, 'id' | 'version'>

const fresh: Edited = { id: 0, name: '', parent_id: 0, head_id: 0, kind: 'sales', version: 0 }

/** All departments; empty until they are loaded. */
export function useDepartments(): Department[] {
  return useQuery({ queryKey: ['departments'], queryFn: usersApi.departments, staleTime: 60_000 }).data?.items ?? []
}

interface Props {
  /** The department whose users are shown; 0 for all. */
  chosen: number
  choose: (id: number) => void
}

/** The tree of departments with their heads; administrators change it. */
export function Departments({ chosen, choose }: Props) {
  const { t } = useI18n(words)
  const me = useMe()
  const all = useDepartments()
  const [open, setOpen] = useState<Edited | null>(null)
  const known = new Set(all.map(({ id }) => id))
  const roots = all.filter((one) => !known.has(one.parent_id))
  const edit = has(me, 'admin') ? setOpen : undefined
  return (
    <section className="panel">
      <Group justify="space-between" mb="xs">
        <Title order={2} size="h4">
          {t('departments.title')}
        </Title>
        {edit && (
          <Button size="xs" variant="default" onClick={() => edit({ ...fresh, parent_id: chosen })}>
            {t('departments.new')}
          </Button>
        )}
      </Group>
      {open && (
        <DepartmentForm
          key={`${open.id} ${open.version}`}
          department={open}
          others={all.filter((one) => one.id !== open.id)}
          close={() => setOpen(null)}
        />
      )}
      {all.length === 0 ? (
        <Text className="quiet">{t('departments.none')}</Text>
      ) : (
        <Branch of={roots} all={all} chosen={chosen} choose={choose} edit={edit} />
      )}
    </section>
  )
}

interface BranchProps extends Props {
  of: Department[]
  all: Department[]
  edit?: (department: Department) => void
}

function Branch({ of, all, chosen, choose, edit }: BranchProps) {
  const { t } = useI18n(words)
  const people = useUsers()
  return (
    <ul className="tree">
      {of.map((one) => {
        const below = all.filter((other) => other.parent_id === one.id)
        const head = people.get(one.head_id)
        return (
          <li key={one.id}>
            <div className="twig">
              <button
                type="button"
                className="plain"
                aria-pressed={chosen === one.id}
                onClick={() => choose(chosen === one.id ? 0 : one.id)}
              >
                {one.name}
              </button>
              {edit && (
                <button
                  type="button"
                  className="plain"
                  aria-label={`${t('app.edit')}: ${one.name}`}
                  onClick={() => edit(one)}
                >
                  {t('app.edit')}
                </button>
              )}
              <div className="quiet">
                {head ? t('departments.headed', { name: head.name }) : t('departments.no_head')}
              </div>
            </div>
            {below.length > 0 && <Branch of={below} all={all} chosen={chosen} choose={choose} edit={edit} />}
          </li>
        )
      })}
    </ul>
  )
}

interface FormProps {
  department: Edited
  others: Department[]
  close: () => void
}

function DepartmentForm({ department, others, close }: FormProps) {
  const { t } = useI18n(words)
  const queries = useQueryClient()
  const [draft, setDraft] = useState<DepartmentDraft>({
    name: department.name,
    parent_id: department.parent_id,
    head_id: department.head_id,
    kind: department.kind,
  })
  const put = (change: Partial<DepartmentDraft>) => setDraft({ ...draft, ...change })
  const isNew = department.id === 0
  const onSuccess = async () => {
    await queries.invalidateQueries()
    notify(t('app.saved'))
    close()
  }
  const save = useMutation({
    mutationFn: () =>
      isNew ? usersApi.addDepartment(draft) : usersApi.changeDepartment(department.id, draft, department.version),
    onSuccess,
  })
  const remove = useMutation({ mutationFn: () => usersApi.removeDepartment(department.id), onSuccess })
  const faults = useFaults(save.error, remove.error)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  return (
    <form onSubmit={submit} className="inset">
      <Stack gap="xs">
        <FormFaults of={faults} />
        <TextInput
          label={t('departments.name')}
          required
          autoFocus
          value={draft.name}
          maxLength={200}
          error={faults.at('name')}
          onChange={(e) => put({ name: e.currentTarget.value })}
        />
        <NativeSelect
          label={t('departments.parent')}
          value={String(draft.parent_id)}
          error={faults.at('parent_id')}
          onChange={(e) => put({ parent_id: Number(e.currentTarget.value) })}
          data={[
            { value: '0', label: t('departments.top') },
            ...others.map((one) => ({ value: String(one.id), label: one.name })),
          ]}
        />
        <UserSelect
          label={t('departments.head')}
          nobody={t('departments.no_head')}
          value={draft.head_id ?? 0}
          error={faults.at('head_id')}
          onChange={(head_id) => put({ head_id })}
        />
        <NativeSelect
          label={t('departments.kind')}
          value={draft.kind}
          error={faults.at('kind')}
          onChange={(e) => put({ kind: e.currentTarget.value as DepartmentKind })}
          data={kinds.map((kind) => ({ value: kind, label: t(`departments.kind.${kind}`) }))}
        />
        <Group gap="xs">
          <Button size="xs" type="submit" loading={save.isPending}>
            {t('app.save')}
          </Button>
          <Button size="xs" variant="default" onClick={close}>
            {t('app.cancel')}
          </Button>
          {!isNew && (
            <Button size="xs" variant="default" loading={remove.isPending} onClick={() => remove.mutate()}>
              {t('departments.remove')}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  )
}
