import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Database, literal } from './database'
import type { Source, SourceFile } from './files'
import type { Progress } from './progress'

const chunkBytes = 64 * 1024 * 1024
const chunkFiles = 500

export interface Loaded {
  files: number
  bytes: number
  /** Names of files that are damaged or disappeared. */
  unreadable: string[]
  repeats: number
}

/** Groups of files that are read at once: as many as make a chunk, at least one. */
export const chunksOf = (files: SourceFile[]): SourceFile[][] => {
  const chunks: SourceFile[][] = []
  let bytes = 0
  for (const file of files) {
    const last = chunks.at(-1)
    if (last && bytes + file.bytes <= chunkBytes && last.length < chunkFiles) {
      last.push(file)
      bytes += file.bytes
    } else {
      chunks.push([file])
      bytes = file.bytes
    }
  }
  return chunks
}

// DuckDB interprets file names as glob patterns.
const exactly = (path: string): string => path.replace(/[[*?]/g, '[$&]')

// Errors of a file, as opposed to a full disk or too little memory.
const isOfFile = (error: unknown): boolean =>
  error instanceof Error &&
  /^Invalid Input Error|not a GZIP|No files found|Cannot open file|[gG][zZ]ip|decompress/.test(
    error.message
  )

const load = async (database: Database, paths: string[]): Promise<string[]> => {
  await database.run(`SET VARIABLE source = ${literal(paths.map(exactly))}`)
  try {
    await database.runFile('load')
    return []
  } catch (error) {
    if (!isOfFile(error)) throw error
    const [path = ''] = paths
    if (paths.length === 1) return [path]
    const middle = Math.ceil(paths.length / 2)
    const first = await load(database, paths.slice(0, middle))
    return [...first, ...(await load(database, paths.slice(middle)))]
  }
}

/**
 * Reads a source into the table `events`, one chunk after the other; the next one is fetched
 * meanwhile.
 */
export const loadSource = async (
  database: Database,
  source: Source,
  { timeZone, progress }: { timeZone: string; progress: Progress }
): Promise<Loaded> => {
  const chunks = chunksOf(source.files)
  const loaded: Loaded = { files: 0, bytes: 0, unreadable: [], repeats: 0 }
  const fetched = (index: number) => {
    const files = chunks[index]
    const promise = files && source.fetch(files, database.folder)
    // Awaited later; until then a rejection must not end the process.
    promise?.catch(() => {})
    return promise
  }
  await prepare(database, timeZone)
  let next = fetched(0)
  for (const [index, files] of chunks.entries()) {
    const current = await next
    next = fetched(index + 1)
    if (!current) break
    const failed = await load(database, current.paths)
    loaded.unreadable.push(...failed.map((path) => nameOf(files[current.paths.indexOf(path)])))
    await current.discard()
    loaded.files += files.length
    loaded.bytes += files.reduce((sum, file) => sum + file.bytes, 0)
    progress.report(loaded)
  }
  progress.end()
  loaded.repeats = await database.runFile('repeats')
  await database.runFile('days')
  return loaded
}

const nameOf = (file: SourceFile | undefined): string => file?.name ?? ''

// DuckDB reads the files of a view when it creates the view, so one must exist.
const prepare = async (database: Database, timeZone: string): Promise<void> => {
  const empty = join(database.folder, 'empty.txt')
  await writeFile(empty, '')
  await database.run(`SET VARIABLE time_zone = ${literal(timeZone)}`)
  await database.run(`SET VARIABLE source = ${literal(exactly(empty))}`)
  for (const name of ['lines', 'load']) await database.runFile(name)
}
