// Queries to begin with, one for each database: the same tables, in the words of each engine.

const columns = `       c.title AS name,
       m.login AS owner,
       c.state AS status,
       c.created_at AS since`

const from = `FROM clients c
LEFT JOIN managers m ON m.id = c.manager_id
WHERE c.phone IN (:numbers)`

const link: Record<string, string> = {
  mysql: "CONCAT('https://crm.example/clients/', c.id)",
  postgresql: "'https://crm.example/clients/' || c.id",
  sqlite: "'https://crm.example/clients/' || c.id",
  sqlserver: "CONCAT('https://crm.example/clients/', c.id)",
}

/** The example for a database; empty for one that is not chosen yet. */
export function exampleQuery(engine: string | undefined): string {
  const url = engine && link[engine]
  if (!url) return ''
  const select = engine === 'sqlserver' ? 'SELECT TOP 50 c.id,' : 'SELECT c.id,'
  return `${select}\n${columns},\n       ${url} AS url\n${from}`
}
