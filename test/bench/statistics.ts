import { readFile } from 'node:fs/promises'

export const quantile = (values: number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

export const median = (values: number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [low = Number.NaN, high = Number.NaN] = [sorted[middle - 1], sorted[middle]]
  return sorted.length % 2 === 0 ? (low + high) / 2 : high
}

const digits = (value: number): string =>
  Math.abs(value) >= 100
    ? Math.round(value).toLocaleString('en')
    : value.toLocaleString('en', { maximumFractionDigits: Math.abs(value) < 1 ? 3 : 2 })

export const number = digits

/** `median (min–max)` */
export const spread = (values: number[]): string =>
  `${digits(median(values))} (${digits(Math.min(...values))}–${digits(Math.max(...values))})`

export interface Budgeted {
  what: string
  budget: string
  measured: string
  isKept: boolean | undefined
}

const verdict = (isKept: boolean | undefined): string =>
  isKept === undefined ? '' : isKept ? 'ok' : '**missed**'

export const table = (heads: string[], rows: string[][]): string =>
  [
    `| ${heads.join(' | ')} |`,
    `|${heads.map(() => ' --- ').join('|')}|`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
  ].join('\n')

export const budgetTable = (rows: Budgeted[]): string =>
  table(
    ['what', 'budget', 'measured', ''],
    rows.map((row) => [row.what, row.budget, row.measured, verdict(row.isKept)])
  )

// Of /proc/PID/stat, by the usual 100 ticks a second.
const tickMs = 10

/** User and system CPU time of a process so far, ms. */
export const cpuMs = async (pid: number): Promise<number> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * tickMs
}

/** Resident memory of a process, bytes. */
export const residentBytes = async (pid: number): Promise<number> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024
}

export const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))

/** Asks again and again until the answer is yes. */
export const until = async (
  isSo: () => boolean | Promise<boolean>,
  { what, patienceMs = 60_000 }: { what: string; patienceMs?: number }
): Promise<void> => {
  const end = Date.now() + patienceMs
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(`It did not happen in ${patienceMs} ms: ${what}`)
    await wait(10)
  }
}
