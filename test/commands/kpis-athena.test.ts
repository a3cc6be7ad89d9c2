import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { build } from 'esbuild'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { newFolder, report, root } from './kpis/command'
import { makeEvents } from './kpis/events'
import { makeLines, strayLines, writeFile } from './kpis/lines'

const folder = join(root, 'worker/commands/kpis/sql/athena')
const files = readdirSync(folder).sort()
const sqlOf = (name: string) => readFileSync(join(folder, name), 'utf8')
const isTable = (name: string) => /CREATE EXTERNAL TABLE/.test(sqlOf(name))
const views = files.filter((name) => !isTable(name))

interface Parser {
  validate(sql: string): { message: string }[]
}

describe('as Athena reads it', () => {
  let trino: Parser
  let hive: Parser

  // The package's own modules cannot be imported as they are.
  beforeAll(async () => {
    const outfile = join(newFolder(), 'parsers.mjs')
    const contents = "export { TrinoSQL, HiveSQL } from 'dt-sql-parser'"
    const stdin = { contents, resolveDir: root }
    await build({ stdin, bundle: true, format: 'esm', platform: 'node', outfile })
    const { TrinoSQL, HiveSQL } = await import(pathToFileURL(outfile).href)
    trino = new TrinoSQL()
    hive = new HiveSQL()
  })

  afterEach(() => vi.restoreAllMocks())

  it.each(files)('%s is one statement without a mistake', (name) => {
    const sql = sqlOf(name)
    const parser = isTable(name) ? hive : trino
    expect(parser.validate(sql).map(({ message }) => message)).toEqual([])
    // It would not let a mistake pass, and says so on the console.
    vi.spyOn(console, 'error').mockImplementation(() => {})
    expect(parser.validate(sql.replace(/;\s*$/, ' FROM FROM;'))).not.toEqual([])
    expect(sql.match(/;/g)).toHaveLength(1)
  })

  it('the tables find the date folders by themselves', () => {
    for (const name of files.filter(isTable)) {
      const [, first] = /'projection.folder_date.range' = '(\d{4}-\d\d-\d\d),NOW/.exec(sqlOf(name))!
      expect(Date.parse(first!)).not.toBeNaN()
      const location = /LOCATION '(s3:[^']+)'/.exec(sqlOf(name))![1]
      const template = `'storage.location.template' = '${location}\${folder_date}/'`
      expect(sqlOf(name)).toContain(template)
    }
  })
})

/** The views in DuckDB, which has the functions of Athena under other names. */
const viewsInDuckDb = async (lines: string[], zone: string): Promise<DuckDBConnection> => {
  const connection = await (await DuckDBInstance.create()).connect()
  await connection.run(readFileSync(join(root, 'test/commands/kpis/athena-prelude.sql'), 'utf8'))
  const isRecord = (line: string) => line.includes('unique_id')
  for (const [table, some] of [
    ['weir_records', lines.filter(isRecord)],
    ['weir_batches', lines.filter((line) => !isRecord(line))],
  ] as const) {
    await connection.run(`CREATE TABLE ${table} (line VARCHAR)`)
    const insert = `INSERT INTO ${table} SELECT unnest(CAST($1 AS JSON)->>'$[*]')`
    await connection.run(insert, [JSON.stringify(some)])
  }
  for (const name of views) {
    // The one type that is spelled otherwise.
    const sql = sqlOf(name)
      .replaceAll('ARRAY(JSON)', 'JSON[]')
      .replace("'UTC') AS DATE", `'${zone}') AS DATE`)
    await connection.run(sql)
    if (name !== '05-events.sql') continue
    // Reads the lines once, instead of for each view above this one.
    await connection.run('CREATE TABLE read_once AS FROM weir_events')
    await connection.run('CREATE OR REPLACE VIEW weir_events AS FROM read_once')
  }
  return connection
}

type Rows = Record<string, unknown>[]

const byText = (a: object, b: object): number =>
  JSON.stringify(Object.values(a)) < JSON.stringify(Object.values(b)) ? -1 : 1

const rowsOf = async (connection: DuckDBConnection, view: string): Promise<Rows> => {
  const rows = (await connection.runAndReadAll(`FROM ${view}`)).getRowObjectsJS()
  return rows
    .map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => {
          if (value instanceof Date) return [name, value.toISOString().slice(0, 10)]
          return [name, typeof value === 'bigint' ? Number(value) : value]
        })
      )
    )
    .sort(byText)
}

const purchaseOf = (product_action: object): string => {
  const data = { timestamp_unixtime_ms: Date.UTC(2025, 2, 2), product_action }
  return JSON.stringify({ mpid: '1', events: [{ event_type: 'commerce_event', data }] })
}

// Of several products, of none, and of such as have no price.
const purchases = [
  { products: [{ price: 1, quantity: 2 }, { price: '4.5' }, { quantity: 3 }], total_amount: 99 },
  { products: [{ quantity: 3 }], total_amount: '8.25' },
  { products: null, total_amount: 2 },
  { products: [{ price: 'Infinity', quantity: 1 }] },
].map((one) => purchaseOf({ action: 'purchase', ...one }))

describe.each(['UTC', 'Europe/Berlin', 'America/New_York'])('with days of %s', (zone) => {
  const { lines } = makeLines(makeEvents(99), 3)
  let athena: DuckDBConnection
  let kpis: Record<string, { rows: Rows; event?: string }>

  beforeAll(async () => {
    const all = [...lines, ...strayLines.map(([line]) => line), ...purchases]
    athena = await viewsInDuckDb(all, zone)
    const source = newFolder()
    writeFile(source, 'all.txt', all.join('\n'))
    kpis = (await report([source, '--time-zone', zone])).kpis
    return () => athena.closeSync()
  })

  it.each([
    ['weir_lifetime_users', '/kpis/new-users/lifetime-count'],
    ['weir_dau', '/kpis/dau/count'],
    ['weir_mau', '/kpis/mau/count'],
    ['weir_new_users', '/kpis/new-users/count'],
    ['weir_sessions', '/kpis/sessions/count'],
    ['weir_daily_revenue', '/kpis/daily-revenue/sum'],
    ['weir_pdau', '/kpis/pdau/count'],
    ['weir_pmau', '/kpis/pmau/count'],
    ['weir_day_retention', '/kpis/day-k-retention/count'],
    ['weir_week_retention', '/kpis/week-k-retention/count'],
  ])('%s has the numbers of the DuckDB file', async (view, path) => {
    const rows = await rowsOf(athena, view)
    expect(rows).toEqual(kpis[path]!.rows.sort(byText))
    expect(rows.length).toBeGreaterThan(0)
  })

  it('the views of custom events have the numbers of the DuckDB files', async () => {
    const events = Object.values(kpis).filter(({ event }) => event !== undefined)
    const days = events.flatMap(({ event, rows }) =>
      rows.map((row) => ({ name: event, ...row }) as Row)
    )
    expect(await rowsOf(athena, 'weir_custom_events')).toEqual(
      days.map(({ name, day, count }) => ({ name, day, count })).sort(byText)
    )
    expect(await rowsOf(athena, 'weir_custom_event_metrics')).toEqual(
      days
        .flatMap(({ name, day, metrics }) => metrics.map((one) => ({ name, day, ...one })))
        .sort(byText)
    )
  })
})

interface Row {
  name: string
  day: string
  count: number
  metrics: object[]
}
