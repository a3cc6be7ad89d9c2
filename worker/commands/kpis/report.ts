import { type Cell, type Database, literal, type Row, sqlOf } from './database'
import { type Kpi, lifetimeUsers } from './kpi-list'
import type { Loaded } from './load'

export interface Read {
  events: number
  undated_events: number
  alias_requests: number
  lines_without_events: number
  malformed_lines: number
}

export interface ReportOptions {
  source: string
  timeZone: string
  from: string | undefined
  to: string | undefined
  /** Event types to report instead of all custom ones. */
  events: string[]
}

/** Writes text as it becomes ready. */
export type Write = (text: string) => Promise<void>

/** The contents of all formats; rows are queried when they are iterated. */
export interface Report {
  options: ReportOptions
  loaded: Loaded
  read: Read
  /** The days of the report: of the data, and asked for. */
  firstDay: string
  lastDay: string
  lifetimeUsers: number
  /** Custom types, and how many of them are left out for being beyond the quota. */
  types: { types: number; beyond_quota: number }
  daily: (kpi: Kpi) => AsyncGenerator<Row>
  /** By name and day; `metrics` is a list or null. */
  eventDays: () => AsyncGenerator<Row>
  /** One row per type over all days of the report, the most frequent first. */
  eventTotals: (limit: number) => Promise<Row[]>
  metricTotals: (limit: number) => Promise<Row[]>
  /** Counts by day of the most frequent types. */
  topEvents: (limit: number) => Promise<Row[]>
}

export const numberOf = (cell: Cell | undefined): number => (typeof cell === 'number' ? cell : 0)

export const textOf = (cell: Cell | undefined): string =>
  cell === null || cell === undefined ? '' : String(cell)

export const allOf = async (rows: AsyncGenerator<Row>): Promise<Row[]> => {
  const all: Row[] = []
  for await (const row of rows) all.push(row)
  return all
}

const query = (file: string): string => `(\n${sqlOf(file).trim().replace(/;$/, '')}\n)`

const firstRow = async (database: Database, sql: string): Promise<Row> =>
  (await allOf(database.rows(sql)))[0] ?? {}

const readCounts = async (database: Database): Promise<Read> => {
  const row = await firstRow(database, `FROM ${query('read')}`)
  return {
    events: numberOf(row.events),
    undated_events: numberOf(row.undated_events),
    alias_requests: numberOf(row.alias_requests),
    lines_without_events: numberOf(row.lines_without_events),
    malformed_lines: numberOf(row.malformed_lines),
  }
}

const span = ({ from, to }: ReportOptions): string =>
  `day >= ${literal(from ?? '0001-01-01')} AND day <= ${literal(to ?? '9999-12-31')}`

const eventQueries = (database: Database, options: ReportOptions) => {
  const counts = `(FROM ${query('custom-events')} WHERE ${span(options)})`
  const metrics = `(FROM ${query('custom-event-metrics')} WHERE ${span(options)})`
  const totals = `SELECT name, sum(count) AS count, min(day) AS first_day, max(day) AS last_day
    FROM ${counts} GROUP BY name ORDER BY count DESC, name`
  return {
    eventDays: () =>
      database.rows(`SELECT name, day, count, metrics FROM ${counts} LEFT JOIN (
        SELECT name, day, list(struct_pack(
          metric := metric, count := count, min := min, max := max, sum := sum
        ) ORDER BY metric) AS metrics
        FROM ${metrics} GROUP BY name, day
      ) USING (name, day) ORDER BY name, day`),
    eventTotals: (limit: number) => allOf(database.rows(`${totals} LIMIT ${limit}`)),
    metricTotals: (limit: number) =>
      allOf(
        database.rows(`SELECT name, metric, sum(count) AS count, min(min) AS min, max(max) AS max,
          sum(sum) AS sum FROM ${metrics} GROUP BY name, metric ORDER BY name, metric LIMIT ${limit}`)
      ),
    topEvents: (limit: number) =>
      allOf(
        database.rows(`FROM ${counts} WHERE name IN (SELECT name FROM (${totals} LIMIT ${limit}))
          ORDER BY name, day`)
      ),
  }
}

/** @returns only what was read when no event falls on the days asked for */
export const makeReport = async (
  database: Database,
  options: ReportOptions,
  loaded: Loaded
): Promise<Report | { read: Read }> => {
  const names = options.events.length > 0 ? literal(options.events) : 'NULL'
  await database.run(`SET VARIABLE event_names = ${names}`)
  const read = await readCounts(database)
  const days = await firstRow(
    database,
    `SELECT min(day) AS first, max(day) AS last FROM days WHERE ${span(options)}`
  )
  if (!days.first) return { read }
  const types = await firstRow(database, `FROM ${query('custom-types')}`)
  const lifetime = await firstRow(database, `FROM ${query(lifetimeUsers.file)}`)
  return {
    options,
    loaded,
    read,
    firstDay: textOf(days.first),
    lastDay: textOf(days.last),
    lifetimeUsers: numberOf(lifetime.count),
    types: { types: numberOf(types.types), beyond_quota: numberOf(types.beyond_quota) },
    daily: (kpi) =>
      database.rows(`FROM ${query(kpi.file)} WHERE ${span(options)} ORDER BY ${kpi.order}`),
    ...eventQueries(database, options),
  }
}
