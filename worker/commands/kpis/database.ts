import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DuckDBConnection, DuckDBInstance, type JS } from '@duckdb/node-api'

export type Cell = null | boolean | number | string | Cell[] | { [name: string]: Cell }
export type Row = Record<string, Cell>

/** A DuckDB database in a temporary folder that is removed at exit. */
export interface Database {
  /** The temporary folder, also for files that are fetched. */
  folder: string
  /** Runs a file of `sql/duckdb`. @returns how many rows its last statement changed */
  runFile: (name: string) => Promise<number>
  run: (sql: string) => Promise<number>
  rows: (sql: string) => AsyncGenerator<Row>
  close: () => void
}

/** The text of a file of `sql/duckdb`. */
export const sqlOf = (name: string): string =>
  readFileSync(join(import.meta.dirname, 'sql/duckdb', `${name}.sql`), 'utf8')

/** A text, or a list of texts, as an SQL literal. */
export const literal = (value: string | string[]): string =>
  typeof value === 'string'
    ? `'${value.replaceAll("'", "''")}'`
    : `[${value.map((item) => literal(item)).join(', ')}]`

const cellOf = (value: JS | undefined): Cell => {
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof Date) return value.toISOString().slice(0, 10)
  if (value instanceof Uint8Array || value === undefined) return null
  if (Array.isArray(value)) return value.map(cellOf)
  if (typeof value === 'object' && value !== null) return rowOf(value)
  return value
}

const rowOf = (value: { [name: string]: JS }): Row =>
  Object.fromEntries(Object.entries(value).map(([name, one]) => [name, cellOf(one)]))

async function* rowsOf(connection: DuckDBConnection, sql: string): AsyncGenerator<Row> {
  const result = await connection.stream(sql)
  for await (const rows of result.yieldRowObjectJs()) yield* rows.map(rowOf)
}

const makeFolder = (parent: string): string => {
  try {
    return mkdtempSync(join(parent, 'weir-kpis-'))
  } catch (error) {
    throw new Error(`${parent} cannot be written to.`, { cause: error })
  }
}

export const openDatabase = async (options: {
  memory: string
  temp: string | undefined
}): Promise<Database> => {
  const folder = makeFolder(options.temp ?? tmpdir())
  const remove = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  const instance = await DuckDBInstance.create(join(folder, 'events.duckdb'), {
    memory_limit: options.memory,
    temp_directory: join(folder, 'spilled'),
    // Saves memory; the order of events does not matter.
    preserve_insertion_order: 'false',
    autoinstall_known_extensions: 'false',
  })
  const connection = await instance.connect()
  const run = async (sql: string) => (await connection.run(sql)).rowsChanged
  return {
    folder,
    run,
    runFile: (name) => run(sqlOf(name)),
    rows: (sql) => rowsOf(connection, sql),
    close() {
      connection.closeSync()
      instance.closeSync()
      process.off('exit', remove)
      remove()
    },
  }
}
