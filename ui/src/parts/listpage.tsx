// A page that is a list: its head, its search and filters, its pages of rows.

import { Button, Group, Text, TextInput, Title } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { type ComponentProps, type ReactNode, useState } from 'react'
import { chosen } from '../api/client'
import { useI18n } from '../app/context'
import { Pages } from './pages'

interface HeadProps {
  title: string
  /** What the page is for, in one or two sentences. */
  lead?: string
  /** Beside the title, such as the button that adds a row. */
  action?: ReactNode
}

/** The head of a page. */
export function PageHead({ title, lead, action }: HeadProps) {
  const below = lead ? 'xs' : 'sm'
  return (
    <>
      <Group justify="space-between" mb={below}>
        <Title order={1}>{title}</Title>
        {action}
      </Group>
      {lead && <Lead>{lead}</Lead>}
    </>
  )
}

/** A quiet sentence above a list. */
export function Lead({ children }: { children: ReactNode }) {
  return (
    <Text className="quiet" mb="md">
      {children}
    </Text>
  )
}

/** A text that is searched for: `q` follows what is typed once the keys rest. */
export function useSearch() {
  const [typed, setTyped] = useState('')
  const [q] = useDebouncedValue(typed.trim(), 250)
  return { typed, setTyped, q }
}

interface SearchProps {
  search: ReturnType<typeof useSearch>
  /** What is searched, such as "part of a number". */
  placeholder: string
}

export function SearchInput({ search, placeholder }: SearchProps) {
  const { t } = useI18n()
  return (
    <TextInput
      label={t('app.search')}
      placeholder={placeholder}
      type="search"
      value={search.typed}
      onChange={(e) => search.setTyped(e.currentTarget.value)}
      className="wide"
    />
  )
}

type PagesProps<T, Q extends object> = ComponentProps<typeof Pages<T, Q & { q: string }>>

interface FilesProps {
  /** The route of the list. */
  path: string
  /** Its filters. */
  query: object
}

/** The list as it is filtered, with all its rows, as files. */
export function Files({ path, query }: FilesProps) {
  const { t } = useI18n()
  const filters = Object.entries(chosen(query)).map(([name, value]) => [name, String(value)])
  const href = (format: string) => `${path}?${new URLSearchParams([...filters, ['format', format]])}`
  return (
    <Group gap="xs">
      {(['csv', 'xlsx'] as const).map((format) => (
        <Button key={format} component="a" href={href(format)} download variant="default" size="sm">
          {t(`app.file.${format}`)}
        </Button>
      ))}
    </Group>
  )
}

interface ListProps<T, Q extends object> extends HeadProps, Omit<PagesProps<T, Q>, 'query' | 'label'> {
  /** The placeholder of the search. */
  search: string
  /** Inputs beside the search; what they choose is in `query`. */
  filters?: ReactNode
  query: Q
  /** The route of the list, where it can also be had as a file. */
  files?: string
  /** Between the head and the search, such as a form that adds a row. */
  children?: ReactNode
}

/** A whole page: head, search, filters, and a paged table of what they choose. */
export function ListPage<T, Q extends object>(props: ListProps<T, Q>) {
  const { title, lead, action, search: placeholder, filters, query, searched, children, files, ...pages } = props
  const search = useSearch()
  return (
    <div className="page">
      <PageHead title={title} lead={lead} action={action} />
      {children}
      <div className="ask">
        <SearchInput search={search} placeholder={placeholder} />
        {filters}
        {files && <Files path={files} query={{ ...query, q: search.q }} />}
      </div>
      <Pages {...pages} query={{ ...query, q: search.q }} label={title} searched={searched || Boolean(search.q)} />
    </div>
  )
}
