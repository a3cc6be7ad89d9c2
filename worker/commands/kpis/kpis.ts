import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { type Arguments, readArguments, UsageError, usage } from './arguments'
import { type Database, literal, openDatabase } from './database'
import { writeCsv } from './formats/csv'
import { writeHtml } from './formats/html'
import { writeJson } from './formats/json'
import { writeTable } from './formats/table'
import { loadSource } from './load'
import { showProgress } from './progress'
import { allOf, makeReport, type Read, type Report, type Write } from './report'
import { openSource } from './source'

const writers = { csv: writeCsv, html: writeHtml, json: writeJson, table: writeTable }

const checkTimeZone = async (database: Database, name: string): Promise<void> => {
  const sql = `FROM pg_timezone_names() SELECT name WHERE name = ${literal(name)}`
  if ((await allOf(database.rows(sql))).length > 0) return
  throw new UsageError(`There is no time zone ${name}. One is named as Europe/Berlin.`)
}

const writeReport = async (report: Report, { format, output }: Arguments): Promise<void> => {
  const stream = output === undefined ? process.stdout : createWriteStream(output)
  const failed = once(stream, 'error').then(([error]) => {
    throw error
  })
  const write: Write = async (text) => {
    if (!stream.write(text)) await Promise.race([once(stream, 'drain'), failed])
  }
  await Promise.race([writers[format](report, write), failed])
  if (output === undefined) return
  stream.end()
  await Promise.race([once(stream, 'finish'), failed])
}

const plural = (count: number, what: string): string =>
  `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`

// What is not counted, should somebody miss it.
const remarks = (report: Pick<Report, 'read' | 'loaded' | 'types'>): string[] => {
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

const compute = async (args: Arguments, database: Database): Promise<void> => {
  await checkTimeZone(database, args.timeZone)
  const source = await openSource(args.source, process.env)
  const loaded = await loadSource(database, source, {
    timeZone: args.timeZone,
    progress: showProgress(source.files),
  })
  for (const name of loaded.unreadable.slice(0, 10)) console.error(`${name} cannot be read.`)
  const report = await makeReport(database, args, loaded)
  if (!('options' in report)) throw nothingFound(args, report.read)
  await writeReport(report, args)
  const left = remarks(report)
  if (left.length > 0) console.error(`Not counted: ${left.join(', ')}.`)
}

// Leaving ends all work; the database's folder goes with the process.
const leaveOnSignals = (): void => {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    process.on(signal, () => process.exit(code))
  }
  // A reader such as `head` that has seen enough.
  process.stdout.on('error', () => process.exit(0))
}

const main = async (): Promise<number> => {
  try {
    const args = readArguments(process.argv.slice(2))
    if (!args) {
      console.log(usage)
      return 0
    }
    leaveOnSignals()
    const database = await openDatabase(args)
    try {
      await compute(args, database)
    } finally {
      database.close()
    }
    return 0
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    if (!(error instanceof UsageError)) return 1
    console.error('npm run kpis -- --help tells how it is used.')
    return 2
  }
}

process.exitCode = await main()
