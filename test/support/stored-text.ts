import { listDurableObjectIds, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'

const classes = [
  'WORKSPACE',
  'PROFILE',
  'OUTBOX',
  'DIRECTORY',
  'RATE_LIMIT',
  'AUTHORIZATION',
] as const

type Row = Record<string, SqlStorageValue>

// Its own tables are not for reading by SQL; what is in them is listed besides.
const tablesOf = (sql: SqlStorage): string[] =>
  sql
    .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'")
    .toArray()
    .flatMap(({ name }) => (name.startsWith('_cf_') || name.startsWith('sqlite_') ? [] : [name]))

const readObject = async ({ storage }: DurableObjectState): Promise<string> => {
  const rows = tablesOf(storage.sql).flatMap((name) =>
    storage.sql.exec<Row>(`SELECT * FROM "${name}"`).toArray()
  )
  const pairs = [...(await storage.list())]
  return JSON.stringify([rows, pairs], (_, value: unknown) =>
    value instanceof ArrayBuffer ? new TextDecoder().decode(value) : value
  )
}

/** All that all objects have stored, as text. */
export const storedText = async (): Promise<string> => {
  const texts: string[] = []
  for (const name of classes) {
    const namespace = env[name] as unknown as DurableObjectNamespace
    for (const id of await listDurableObjectIds(namespace)) {
      texts.push(await runInDurableObject(namespace.get(id), (_, state) => readObject(state)))
    }
  }
  return texts.join('\n')
}
