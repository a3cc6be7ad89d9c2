import {
  appendFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'

/** A file of one JSON value per line. Each call is on disk, or has thrown, when it returns. */
export interface Journal {
  read(): unknown[]
  append(values: unknown[]): void
  rewrite(values: unknown[]): void
}

export function openJournal(file: string): Journal {
  let isTorn = false
  return {
    read() {
      if (!existsSync(file)) return []
      const content = readFileSync(file)
      // What follows the last newline was being written when the process died.
      const whole = content.lastIndexOf('\n') + 1
      if (whole < content.length) isTorn = !couldTruncate(file, whole)
      return content.subarray(0, whole).toString('utf8').split('\n').flatMap(parsedLine)
    },
    append(values) {
      if (values.length === 0) return
      const before = statSync(file, { throwIfNoEntry: false })?.size ?? 0
      try {
        appendFileSync(file, (isTorn ? '\n' : '') + linesOf(values))
        isTorn = false
      } catch (error) {
        isTorn = !couldTruncate(file, before)
        throw error
      }
    },
    rewrite(values) {
      writeWhole(file, linesOf(values))
      isTorn = false
    },
  }
}

/** Replaces a file in one step: a reader finds the old content or the new, never a part. */
export function writeWhole(file: string, content: string | Buffer, temporary = `${file}.tmp`) {
  try {
    writeFileSync(temporary, content)
    renameSync(temporary, file)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}

function linesOf(values: unknown[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('')
}

function parsedLine(line: string): unknown[] {
  if (line === '') return []
  try {
    return [JSON.parse(line)]
  } catch {
    return []
  }
}

function couldTruncate(file: string, bytes: number): boolean {
  try {
    truncateSync(file, bytes)
    return true
  } catch {
    return !existsSync(file)
  }
}
