import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { migrate, type Step } from '../../../worker/base/schema'

const steps: Step[] = [
  (sql) => sql.exec('CREATE TABLE IF NOT EXISTS things (name TEXT)'),
  (sql) => sql.exec("ALTER TABLE things ADD COLUMN colour TEXT NOT NULL DEFAULT 'grey'"),
  (sql) => sql.exec("UPDATE things SET colour = colour || '!'"),
]

const inStorage = (use: (storage: DurableObjectStorage) => void): Promise<void> =>
  runInDurableObject(env.RATE_LIMIT.getByName(crypto.randomUUID()), (_, { storage }) =>
    use(storage)
  )

const things = ({ sql }: DurableObjectStorage) => sql.exec('SELECT * FROM things').toArray()

const tables = ({ sql }: DurableObjectStorage) =>
  sql
    .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'")
    .toArray()
    .map(({ name }) => name)

/** What a use of storage costs. */
const written = (storage: DurableObjectStorage, use: (counted: DurableObjectStorage) => void) => {
  let rows = 0
  const sql = {
    exec: (query: string, ...bindings: unknown[]) => {
      const cursor = storage.sql.exec(query, ...bindings)
      rows += cursor.rowsWritten
      return cursor
    },
  }
  const counted = { sql, transactionSync: (change: () => void) => storage.transactionSync(change) }
  use(counted as unknown as DurableObjectStorage)
  return rows
}

describe('the schema of an object', () => {
  it('comes to be as its newest version', () =>
    inStorage((storage) => {
      migrate(storage, steps)
      storage.sql.exec("INSERT INTO things (name) VALUES ('a')")
      migrate(storage, steps)
      expect(things(storage)).toEqual([{ name: 'a', colour: 'grey' }])
    }))

  it('of before there were versions is taken for the first', () =>
    inStorage((storage) => {
      storage.sql.exec('CREATE TABLE things (name TEXT)')
      storage.sql.exec("INSERT INTO things (name) VALUES ('a')")
      migrate(storage, steps)
      expect(things(storage)).toEqual([{ name: 'a', colour: 'grey!' }])
    }))

  it('goes through each step once, whichever version it has', () =>
    inStorage((storage) => {
      for (const count of [1, 1, 2, 2, 3, 3]) {
        migrate(storage, steps.slice(0, count))
        if (count === 1) storage.sql.exec("INSERT INTO things (name) VALUES ('a')")
      }
      const one = { name: 'a', colour: 'grey!' }
      expect(things(storage)).toEqual([one, one])
    }))

  it('stays as it is when a step fails, and is tried again', () =>
    inStorage((storage) => {
      migrate(storage, steps.slice(0, 1))
      const broken: Step = (sql) => sql.exec('ALTER TABLE nowhere ADD COLUMN x')
      expect(() => migrate(storage, [...steps.slice(0, 2), broken])).toThrow('nowhere')
      storage.sql.exec("INSERT INTO things (name) VALUES ('a')")
      expect(things(storage)).toEqual([{ name: 'a' }])
      migrate(storage, steps)
      expect(things(storage)).toEqual([{ name: 'a', colour: 'grey!' }])
    }))

  it('of a later release is left alone', () =>
    inStorage((storage) => {
      migrate(storage, steps)
      expect(written(storage, (counted) => migrate(counted, steps.slice(0, 2)))).toBe(0)
      storage.sql.exec("INSERT INTO things (name) VALUES ('a')")
      migrate(storage, steps)
      expect(things(storage)).toEqual([{ name: 'a', colour: 'grey' }])
    }))

  it('costs nothing but its tables while there is one version', () =>
    inStorage((storage) => {
      const first = steps.slice(0, 1)
      const alone = written(storage, ({ sql }) => sql.exec('CREATE TABLE other (name TEXT)'))
      expect(written(storage, (counted) => migrate(counted, first))).toBe(alone)
      expect(written(storage, (counted) => migrate(counted, first))).toBe(0)
      expect(tables(storage)).not.toContain('schema')
    }))

  it('costs nothing once it is the newest', () =>
    inStorage((storage) => {
      migrate(storage, steps)
      expect(written(storage, (counted) => migrate(counted, steps))).toBe(0)
    }))
})
