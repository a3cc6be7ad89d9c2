import type { Writable } from 'node:stream'
import { UsageError } from '../arguments'
import { type Arguments, readArguments, usage } from './arguments'
import { type Database, literal, openDatabase } from './database'
import type { LakeEnvironment } from './lake'
import { loadSource } from './load'
import { writeReport } from './output'
import { showProgress } from './progress'
import { allOf, makeReport, type Read, type Report } from './report'
import { openSource } from './source'

const checkTimeZone = async (database: Database, name: string): Promise<void> => {
  const sql = `FROM pg_timezone_names() SELECT name WHERE name = ${literal(name)}`
  if ((await allOf(database.rows(sql))).length > 0) return
  throw new UsageError(`There is no time zone ${name}. One is named as Europe/Berlin.`)
}

const plural = (count: number, what: string): string =>
  `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`

// What was read but is not counted.
const uncounted = (report: Pick<Report, 'read' | 'loaded' | 'types'>): string[] => {
  const { read, loaded, types } = report
  const notes: [number, string][] = [
    [loaded.repeats, 'repeated event'],
    [read.undated_events, 'event without a usable time'],
    [read.alias_requests, 'alias request'],
    [read.lines_without_events, 'line without events'],
    [read.malformed_lines, 'malformed line'],
    [loaded.unreadable.length, 'unreadable file'],
    [types.beyond_quota, 'custom event type beyond the first 1,500'],
  ]
  return notes.filter(([count]) => count > 0).map(([count, what]) => plural(count, what))
}

const nothingFound = (args: Arguments, read: Read): Error => {
  const days = [args.from && `from ${args.from}`, args.to && `to ${args.to}`].filter(Boolean)
  if (read.events > 0) {
    return new Error(
      `${args.source} has ${plural(read.events, 'event')}, but none ${days.join(' ')}.`
    )
  }
  const seen = Object.entries(read).filter(([, count]) => count > 0)
  const found = seen.map(([what, count]) => `${what.replaceAll('_', ' ')}: ${count}`).join(', ')
  return new Error(
    `${args.source} has no events. ${found ? `Found ${found}.` : 'Its files are empty or cannot be read.'}`
  )
}

/** What the command runs in. */
export interface Surroundings {
  env: LakeEnvironment
  stdout: Writable
  stderr: Writable & { isTTY?: boolean }
}

const compute = async (
  args: Arguments,
  database: Database,
  { env, stdout, stderr }: Surroundings
): Promise<void> => {
  await checkTimeZone(database, args.timeZone)
  const source = await openSource(args.source, env)
  const loaded = await loadSource(database, source, {
    timeZone: args.timeZone,
    progress: showProgress(source.files, stderr),
  })
  for (const name of loaded.unreadable.slice(0, 10)) stderr.write(`${name} cannot be read.\n`)
  const report = await makeReport(database, args, loaded)
  if (!('options' in report)) throw nothingFound(args, report.read)
  await writeReport(report, args, stdout)
  const left = uncounted(report)
  if (left.length > 0) stderr.write(`Not counted: ${left.join(', ')}.\n`)
}

/** @returns the exit code */
export const runKpis = async (args: string[], surroundings: Surroundings): Promise<number> => {
  const { stdout, stderr } = surroundings
  try {
    const parsed = readArguments(args)
    if (!parsed) {
      stdout.write(`${usage}\n`)
      return 0
    }
    const database = await openDatabase(parsed)
    try {
      await compute(parsed, database, surroundings)
    } finally {
      database.close()
    }
    return 0
  } catch (error) {
    stderr.write(`${error instanceof Error ? error.message : error}\n`)
    if (!(error instanceof UsageError)) return 1
    stderr.write('See npm run kpis -- --help.\n')
    return 2
  }
}
