import { readArguments as readOptions, UsageError } from '../arguments'

export const usage = `The KPIs of Amazon Mobile Analytics, computed from the files that weir wrote.

  npm run kpis -- SOURCE [options]

SOURCE is a folder, a file, or s3://BUCKET/FOLDER. Its files may hold batches and flattened
records, mixed, with gzip or without.

  --format table|csv|json|html   default: as the name of --output says, else table
  --output FILE                  instead of the standard output, which npm writes to as well
  --from DATE, --to DATE         the days to report; all files are read nevertheless
  --time-zone NAME               where days begin, as Europe/Berlin (UTC)
  --event NAME                   report this event type instead of all custom ones; repeatable
  --memory SIZE                  what DuckDB may take (1GB)
  --temp FOLDER                  for what does not fit; emptied at the end (the system's)
  --help

For s3:// AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, where needed AWS_SESSION_TOKEN, AWS_REGION
(us-east-1) and AWS_ENDPOINT_URL, say as the local stand-in's, are taken from the environment.
Exit code: 0 when there are KPIs, 1 when there are none, 2 when the command was not understood.`

export const formats = ['table', 'csv', 'json', 'html'] as const
export type Format = (typeof formats)[number]

export interface Arguments {
  source: string
  format: Format
  output: string | undefined
  from: string | undefined
  to: string | undefined
  timeZone: string
  events: string[]
  memory: string
  temp: string | undefined
}

const options = {
  format: { type: 'string' },
  output: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  'time-zone': { type: 'string', default: 'UTC' },
  event: { type: 'string', multiple: true },
  memory: { type: 'string', default: '1GB' },
  temp: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const

const isFormat = (text: string): text is Format => formats.some((format) => format === text)

const formatOf = (name: string | undefined, output: string | undefined): Format => {
  if (name === undefined) {
    const extension = /\.([a-z]+)$/i.exec(output ?? '')?.[1]?.toLowerCase() ?? ''
    return isFormat(extension) ? extension : 'table'
  }
  if (isFormat(name)) return name
  throw new UsageError(`--format must be one of ${formats.join(', ')}, not ${name}.`)
}

const dateOf = (name: string, text: string | undefined): string | undefined => {
  if (text === undefined) return undefined
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN
  // Date.parse accepts 2026-02-30 as a day of March.
  if (!Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text)) return text
  throw new UsageError(`${name} must be a date such as 2026-02-28, not ${text}.`)
}

/** @returns undefined when help is asked for. @throws UsageError */
export const readArguments = (args: string[]): Arguments | undefined => {
  const { values, positionals } = readOptions({ args, options, allowPositionals: true })
  if (values.help) return undefined
  const [source, ...more] = positionals
  if (!source) throw new UsageError('SOURCE is missing: a folder or s3://BUCKET/FOLDER.')
  if (more.length > 0) throw new UsageError(`Only one SOURCE can be read, not also ${more[0]}.`)
  const from = dateOf('--from', values.from)
  const to = dateOf('--to', values.to)
  if (from && to && from > to) throw new UsageError('--from is after --to.')
  if (!/^\d+(\.\d+)?\s*[KMGT]i?B$/i.test(values.memory)) {
    throw new UsageError(`--memory must be a size such as 512MB, not ${values.memory}.`)
  }
  const { output, temp, memory, event: events = [], 'time-zone': timeZone } = values
  const format = formatOf(values.format, output)
  return { source, format, output, from, to, timeZone, events, memory, temp }
}
