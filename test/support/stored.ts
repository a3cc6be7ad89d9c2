import { abortAllDurableObjects, runInDurableObject } from 'cloudflare:test'
import before from '../fixtures/storage/version-1.json?raw'
import { gate } from './gate-client'

/** What an object stored: its tables as they were made, their rows, and its pairs. */
export interface Stored {
  schema: string[]
  rows: Record<string, Record<string, SqlStorageValue>[]>
  kv: Record<string, unknown>
}

type StoredClass = 'workspace' | 'outbox' | 'profile' | 'directory' | 'rate_limit'

// When the fixture was made, ms.
const madeMs = 1_795_274_345_780

/** What an object of a class stored before schemas had versions, as if it had been made now. */
export const storedBefore = (name: StoredClass): Stored => {
  const movedMs = Date.now() - madeMs
  const text = before
    .replaceAll('http://gate.test', gate.url)
    .replace(/\b179[57]\d{9}\b/g, (ms) => String(Number(ms) + movedMs))
  return (JSON.parse(text) as Record<StoredClass, Stored>)[name]
}

const putRow = (sql: SqlStorage, table: string, row: Record<string, SqlStorageValue>): void => {
  const names = Object.keys(row)
  const marks = names.map(() => '?').join(', ')
  sql.exec(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${marks})`, ...Object.values(row))
}

/** Has an object find what was stored, and nothing else, when it next wakes. */
export const putStored = async (stub: DurableObjectStub, stored: Stored): Promise<void> => {
  await runInDurableObject(stub, async (_, { storage }) => {
    await storage.deleteAlarm()
    await storage.deleteAll()
    for (const statement of stored.schema) storage.sql.exec(statement)
    for (const [table, rows] of Object.entries(stored.rows)) {
      for (const row of rows) putRow(storage.sql, table, row)
    }
    for (const [key, value] of Object.entries(stored.kv)) storage.kv.put(key, value)
  })
  await abortAllDurableObjects()
}
