import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { beforeAll, describe, expect, it } from 'vitest'
import { newFolder, report, root } from './kpis/command'
import { makeEvents } from './kpis/events'
import { type Expected, expectedKpis } from './kpis/expected'
import { makeLines, strayLines, writeFiles } from './kpis/lines'

const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata']

const events = makeEvents(2025)
const { lines, repeats } = makeLines(events, 7)
const folder = newFolder()

beforeAll(() => writeFiles(folder, [...lines, ...strayLines.map(([line]) => line)], 11))

const rowsOf = (kpis: Record<string, { rows: unknown[] }>): Expected =>
  Object.fromEntries(Object.entries(kpis).map(([path, { rows }]) => [path, rows])) as Expected

describe.each(zones)('with days of %s', (zone) => {
  const expected = expectedKpis(events, zone)

  it('every KPI of every day is what an independent computation says', async () => {
    const { kpis } = await report([folder, '--time-zone', zone])
    const rows = rowsOf(kpis)
    expect(Object.keys(rows)).toHaveLength(10 + 5)
    for (const path of Object.keys(expected)) expect(rows[path], path).toEqual(expected[path])
    expect(Object.keys(rows).sort()).toEqual(Object.keys(expected).sort())
  })

  it('the SQL files say the same when they are run by hand', async () => {
    const connection = await (await DuckDBInstance.create()).connect()
    const run = (name: string) =>
      connection.runAndReadAll(
        readFileSync(join(root, `worker/commands/kpis/sql/duckdb/${name}.sql`), 'utf8')
      )
    await connection.run(`SET VARIABLE source = '${folder}/**/*.txt*'`)
    await connection.run(`SET VARIABLE time_zone = '${zone}'`)
    for (const name of ['lines', 'load', 'repeats', 'days']) await run(name)
    for (const name of ['dau', 'mau', 'new-users', 'sessions', 'pdau', 'pmau']) {
      const rows = (await run(name)).getRowObjectsJson()
      const read = rows.map(({ day, count }) => ({ day, count: Number(count) }))
      expect(read, name).toEqual(expected[`/kpis/${name}/count`])
    }
    connection.closeSync()
  })
})

it('tells what it left out', async () => {
  const { read, repeated_events } = await report([folder])
  const strays = strayLines.map(([, counter]) => counter)
  const count = (name: string) => strays.filter((one) => one === name).length
  expect(repeated_events).toBe(repeats)
  expect(read).toMatchObject({
    events: events.length,
    files: 13,
    malformed_lines: count('malformed_lines'),
    // The verification object is one more.
    lines_without_events: count('lines_without_events') + 1,
    alias_requests: count('alias_requests'),
    undated_events: count('undated_events'),
  })
})
