// One box for everything: companies, contacts, leads and colleagues, from any page by Ctrl+K or a slash.

import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
import { useNavigate } from 'react-router'
import type { Kind } from '../../api/types'
import { useI18n } from '../../app/context'
import { clientPath } from '../../parts/links'
import { type Hit, searchApi } from './api'
import { words } from './words'

const pathOf = ({ kind, id }: Hit): string => (kind === 'user' ? `/users/${id}` : clientPath(kind as Kind, id))

/** Reports whether a key was typed into something that takes text. */
const isTyping = ({ target }: globalThis.KeyboardEvent): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'))

export function SearchBox() {
  const { t } = useI18n(words)
  const go = useNavigate()
  const list = useId()
  const box = useRef<HTMLInputElement>(null)
  const [typed, setTyped] = useState('')
  const [open, setOpen] = useState(false)
  const [active, setActive] = useState(0)
  const [q] = useDebouncedValue(typed.trim(), 200)
  const found = useQuery({
    queryKey: ['search', q],
    queryFn: ({ signal }) => searchApi.find(q, signal), // a new word aborts the old request
    enabled: open && q.length > 1,
    placeholderData: (old) => old,
    retry: false,
  })
  const hits = q.length > 1 ? (found.data?.items ?? []) : []

  useEffect(() => {
    const focus = (event: globalThis.KeyboardEvent) => {
      const wanted = event.key === '/' ? !isTyping(event) : event.code === 'KeyK' && (event.ctrlKey || event.metaKey)
      if (!wanted || event.altKey) return
      event.preventDefault()
      box.current?.focus()
      box.current?.select()
    }
    document.addEventListener('keydown', focus)
    return () => document.removeEventListener('keydown', focus)
  }, [])

  const choose = (hit: Hit | undefined) => {
    if (!hit) return
    setOpen(false)
    setTyped('')
    box.current?.blur()
    void go(pathOf(hit))
  }
  const onKey = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step && hits.length > 0) {
      event.preventDefault()
      setActive((active + step + hits.length) % hits.length)
    }
    if (event.key === 'Enter') choose(hits[active])
    if (event.key === 'Escape') setOpen(false)
  }
  const shown = open && q.length > 1 && found.data !== undefined
  return (
    <search className="searchbox">
      <input
        ref={box}
        type="search"
        role="combobox"
        aria-label={t('search.label')}
        aria-expanded={shown}
        aria-controls={list}
        aria-activedescendant={shown && hits.length > 0 ? `${list}-${active}` : undefined}
        aria-autocomplete="list"
        autoComplete="off"
        placeholder={t('search.placeholder')}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value)
          setActive(0)
          setOpen(true)
        }}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={onKey}
      />
      {shown && (
        <div className="searchhits">
          <div id={list} role="listbox" aria-label={t('search.label')}>
            {hits.map((hit, i) => (
              <HitLine
                key={`${hit.kind}:${hit.id}`}
                id={`${list}-${i}`}
                hit={hit}
                active={i === active}
                choose={() => choose(hit)}
              />
            ))}
          </div>
          {hits.length === 0 && !found.isFetching && <p className="quiet">{t('app.empty.search')}</p>}
          {found.data?.partial && <p className="quiet">{t('search.partial')}</p>}
        </div>
      )}
    </search>
  )
}

interface LineProps {
  id: string
  hit: Hit
  active: boolean
  choose: () => void
}

/** One hit: its kind, its name, and what it was found by if that is not the name. */
function HitLine({ id, hit, active, choose }: LineProps) {
  const { t } = useI18n(words)
  const kind = hit.kind === 'user' ? t('search.user') : t(`kind.${hit.kind as Kind}`)
  const more = [
    ...hit.matched.filter(({ field }) => field !== 'name').map(({ value }) => value),
    hit.company?.name,
    hit.status?.name,
    hit.own ? t('search.own') : hit.owner?.name,
  ]
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the box keeps the focus and names the active option
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the box's
    <div
      id={id}
      role="option"
      aria-selected={active}
      className="searchhit"
      onMouseDown={(event) => event.preventDefault()} // the box keeps the focus
      onClick={choose}
    >
      <span className="kind">{kind}</span>
      <span>
        {hit.name}
        <small className="quiet">{more.filter(Boolean).join(' · ')}</small>
      </span>
    </div>
  )
}
