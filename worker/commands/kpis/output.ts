import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { Arguments } from './arguments'
import { writeCsv } from './formats/csv'
import { writeHtml } from './formats/html'
import { writeJson } from './formats/json'
import { writeTable } from './formats/table'
import type { Report, Write } from './report'

const writers = { csv: writeCsv, html: writeHtml, json: writeJson, table: writeTable }

// A stream that fails makes the next write throw: the report is read from the database until then,
// and DuckDB ends the whole process when it is closed while a query runs.
const writeTo =
  (stream: Writable): Write =>
  async (text) => {
    if (stream.errored) throw stream.errored
    if (!stream.write(text)) await once(stream, 'drain')
  }

const writeFile = async (name: string, writeAll: (write: Write) => Promise<void>) => {
  const stream = createWriteStream(name)
  // An error without a listener would end the process. Writing and `finished` throw it.
  stream.on('error', () => {})
  await writeAll(writeTo(stream))
  stream.end()
  await finished(stream)
}

/**
 * Writes a report to a file, or to `stdout`. Rejects when that fails, and once no query of the report
 * runs any more.
 */
export const writeReport = async (
  report: Report,
  { format, output }: Pick<Arguments, 'format' | 'output'>,
  stdout: Writable
): Promise<void> => {
  const writeAll = (write: Write) => writers[format](report, write)
  if (output === undefined) await writeAll(writeTo(stdout))
  else await writeFile(output, writeAll)
}
