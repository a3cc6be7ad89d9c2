import type { Versions } from '../../admin/answers/workspace'

const titles = ['version', 'time', 'by', 'note', 'changes']

// Notes come from other people, and terminals interpret control characters.
const printable = (text: string): string => text.replace(/[\p{C}\s]+/gu, ' ').trim()

const cells = ({ version, at_ms, by, note, changes }: Versions['versions'][number]): string[] => [
  String(version),
  `${new Date(at_ms).toISOString().slice(0, 19)}Z`,
  printable(by) || '-',
  printable(note) || '-',
  changes === null ? '?' : String(changes),
]

/** The versions of a workspace as the lines of a table. */
export const historyLines = (versions: Versions['versions']): string[] => {
  const rows = [titles, ...versions.map(cells)]
  const widths = titles.map((_, i) => Math.max(...rows.map((row) => (row[i] ?? '').length)))
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd()
  )
}
