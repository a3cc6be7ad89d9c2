import type { Writable } from 'node:stream'
import type { SourceFile } from './files'

export interface Progress {
  report: (done: { files: number; bytes: number }) => void
  end: () => void
}

const reportEveryMs = 5000

/** `1.5 GB`, in units of a thousand. */
export const sizeText = (bytes: number): string => {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3))
  const value = bytes / 1000 ** power
  return `${value.toFixed(value < 10 && power > 0 ? 1 : 0)} ${units[power]}`
}

/**
 * Reports on stderr how much of the files was read: on a terminal in one line that is rewritten,
 * elsewhere in a line every five seconds.
 */
export const showProgress = (
  files: SourceFile[],
  stream: Writable & { isTTY?: boolean }
): Progress => {
  const total = files.reduce((sum, file) => sum + file.bytes, 0)
  const began = performance.now()
  let reportedMs = began
  let hasLine = false
  return {
    report(done) {
      const nowMs = performance.now()
      if (!stream.isTTY && nowMs - reportedMs < reportEveryMs) return
      reportedMs = nowMs
      const rate = sizeText(done.bytes / Math.max((nowMs - began) / 1000, 0.001))
      const text = `Read ${sizeText(done.bytes)} of ${sizeText(total)}, ${done.files} of ${files.length} files, ${rate}/s`
      stream.write(stream.isTTY ? `\r\u001b[K${text}` : `${text}\n`)
      hasLine = stream.isTTY === true
    },
    end() {
      if (hasLine) stream.write('\r\u001b[K')
    },
  }
}
