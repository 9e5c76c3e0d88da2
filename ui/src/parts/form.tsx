// A short form in one row: what is typed, where it is sent, what was refused at which input.

import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type ChangeEvent, type FormEvent, type ReactNode, useState } from 'react'
import type { Faults } from './faults'
import { FormFaults, useFaults } from './formfaults'

interface Options<Draft, Answer> {
  /** What the inputs hold at first. */
  empty: Draft
  /** What the inputs hold after the server has accepted; without it what they held at first. */
  after?: Partial<Draft>
  send: (draft: Draft) => Promise<Answer>
  /** Runs when the server has accepted. */
  done?: (answer: Answer) => void
  /** The name of the queries that are read again; without it all of them. */
  changes?: string
}

/** The fields of a draft that hold a text. */
type TextField<Draft> = { [Name in keyof Draft]: Draft[Name] extends string ? Name : never }[keyof Draft] & string

interface Form {
  faults: Faults
  pending: boolean
  submit: (event: FormEvent) => void
}

/** The state of a form. Fields of the draft have the names that the API gives their faults. */
export function useForm<Draft extends object, Answer>({ empty, after, send, done, changes }: Options<Draft, Answer>) {
  const queries = useQueryClient()
  const [draft, setDraft] = useState(empty)
  const put = (change: Partial<Draft>) => setDraft((old) => ({ ...old, ...change }))
  const save = useMutation({
    mutationFn: () => send(draft),
    onSuccess: async (answer) => {
      put(after ?? empty)
      done?.(answer)
      await queries.invalidateQueries(changes ? { queryKey: [changes] } : {})
    },
  })
  const faults = useFaults(save.error)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  /** The properties of the input of a text. */
  const text = (name: TextField<Draft>) => ({
    value: draft[name] as string,
    error: faults.at(name),
    onChange: (e: ChangeEvent<HTMLInputElement | HTMLSelectElement>) =>
      put({ [name]: e.currentTarget.value } as Partial<Draft>),
  })
  return { draft, put, text, faults, pending: save.isPending, submit }
}

interface RowProps {
  form: Form
  /** On the button that sends it. */
  button: string
  disabled?: boolean
  /** It stands on a page, and not inside a panel. */
  panel?: boolean
  /** Its inputs. */
  children: ReactNode
}

/** The inputs of a form in a row, with its button; above them what was refused at none of them. */
export function FormRow({ form, button, disabled, panel, children }: RowProps) {
  return (
    <form onSubmit={form.submit} className={panel ? 'panel' : ''}>
      <FormFaults of={form.faults} />
      <div className="ask flush">
        {children}
        <Button type="submit" variant={panel ? 'filled' : 'default'} disabled={disabled} loading={form.pending}>
          {button}
        </Button>
      </div>
    </form>
  )
}
