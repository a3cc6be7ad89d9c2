import type { Cell, Row } from '../database'
import { dailyKpis, eventPath, lifetimeUsers } from '../kpi-list'
import { type Report, textOf, type Write } from '../report'

// Spreadsheets run cells that begin so as formulas, and names come from clients.
const formula = /^[=+\-@\t\r]/

const text = (value: string): string => {
  const safe = formula.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

const cell = (value: Cell | undefined): string =>
  typeof value === 'number' ? String(value) : text(textOf(value))

/** One line per value; the key is a currency or the name of a metric. */
const lines = (path: string, { day, currency, metric, name: _name, ...measures }: Row): string =>
  Object.entries(measures)
    .map(([measure, value]) =>
      [text(path), cell(day), cell(currency ?? metric), text(measure), cell(value)].join(',')
    )
    .map((line) => `${line}\n`)
    .join('')

const eventLines = ({ name, day, count, metrics }: Row): string => {
  const path = eventPath(textOf(name))
  const list = Array.isArray(metrics) ? metrics : []
  const rows = list.filter((item): item is Row => typeof item === 'object' && item !== null)
  return [
    { day: day ?? null, count: count ?? null },
    ...rows.map((row) => ({ day: day ?? null, ...row })),
  ]
    .map((row) => lines(path, row))
    .join('')
}

/** `kpi,day,key,measure,value`. Values that are not known yet are empty. */
export const writeCsv = async (report: Report, write: Write): Promise<void> => {
  await write('kpi,day,key,measure,value\n')
  await write(lines(lifetimeUsers.path, { count: report.lifetimeUsers }))
  for (const kpi of dailyKpis) {
    for await (const row of report.daily(kpi)) await write(lines(kpi.path, row))
  }
  for await (const row of report.eventDays()) await write(eventLines(row))
}
