import { Button, NativeSelect, Title } from '@mantine/core'
import { useState } from 'react'
import { Link } from 'react-router'
import { has, useI18n, useMe } from '../../app/context'
import { PageHead, SearchInput, useSearch } from '../../parts/listpage'
import { type Column, Pages } from '../../parts/pages'
import { type User, usersApi } from './api'
import { Departments, useDepartments } from './departments'
import { words } from './words'

/** Our people: the tree of departments with their heads, and the users of the chosen one. */
export function Users() {
  const { t, named } = useI18n(words)
  const me = useMe()
  const search = useSearch()
  const [active, setActive] = useState('true')
  const [department, setDepartment] = useState(0)
  const departments = useDepartments()
  const columns: Column<User>[] = [
    {
      head: t('users.name'),
      cell: (user) => (
        <>
          <Link to={`/users/${user.id}`}>{user.name}</Link>
          {user.active ? '' : ` (${t('users.left')})`}
        </>
      ),
    },
    { head: t('users.login'), cell: (user) => user.login },
    {
      head: t('users.department'),
      cell: (user) => departments.find((one) => one.id === user.department_id)?.name ?? '',
    },
    { head: t('users.extension'), cell: (user) => user.extensions.join(', ') },
    { head: t('users.roles'), cell: (user) => user.roles.map((role) => named('role', role)).join(', '), minor: true },
  ]
  const add = (
    <Button component={Link} to="/users/new">
      {t('users.new')}
    </Button>
  )
  return (
    <div className="page">
      <PageHead title={t('users.title')} lead={t('users.lead')} action={has(me, 'admin') && add} />
      <div className="beside">
        <Departments chosen={department} choose={setDepartment} />
        <section>
          <Title order={2} size="h4" mb="xs">
            {t('users.list')}
          </Title>
          <div className="ask">
            <SearchInput search={search} placeholder={t('users.search')} />
            <NativeSelect
              label={t('users.department')}
              value={String(department)}
              onChange={(e) => setDepartment(Number(e.currentTarget.value))}
              data={[
                { value: '0', label: t('users.any_department') },
                ...departments.map((one) => ({ value: String(one.id), label: one.name })),
              ]}
            />
            <NativeSelect
              label={t('users.active')}
              value={active}
              onChange={(e) => setActive(e.currentTarget.value)}
              data={[
                { value: 'true', label: t('users.active.true') },
                { value: 'false', label: t('users.active.false') },
                { value: '', label: t('users.active.all') },
              ]}
            />
          </div>
          <Pages
            name="users-list"
            load={usersApi.list}
            query={{ q: search.q, active, department_id: department }}
            columns={columns}
            keyOf={(user) => user.id}
            label={t('users.list')}
            searched
          />
        </section>
      </div>
    </div>
  )
}
