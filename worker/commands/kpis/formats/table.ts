import type { Cell, Row } from '../database'
import { type Report, textOf, type Write } from '../report'
import { daysOf, type Group, groupsOf, type Unit } from './series'

const mostDays = 31
const mostTypes = 50
const mostMetrics = 200

/** A value for people; a dash when it is not known yet. */
export const valueText = (value: Cell | undefined, unit: Unit): string => {
  if (typeof value !== 'number') return textOf(value) || '—'
  if (unit === 'ratio') return `${(value * 100).toFixed(1)} %`
  const digits = unit === 'amount' ? { minimumFractionDigits: 2 } : {}
  return value.toLocaleString('en', { maximumFractionDigits: unit === 'amount' ? 2 : 6, ...digits })
}

// Names come from clients, and terminals interpret control characters.
const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, '\u{FFFD}')

const grid = (heads: string[], rows: string[][]): string => {
  const all = [heads, ...rows].map((row) => row.map(printable))
  const widths = heads.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  const line = (row: string[]): string =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0
        return column === 0 ? cell.padEnd(width) : cell.padStart(width)
      })
      .join('  ')
      .trimEnd()
  return `${all.map(line).join('\n')}\n`
}

const groupTable = (group: Group, days: string[], skipped: number): string => {
  const heads = ['Day', ...group.series.map(({ label }) => label)]
  const rows = days
    .slice(skipped)
    .map((day, index) => [
      day,
      ...group.series.map(({ values }) => valueText(values[index + skipped], group.unit)),
    ])
  return `\n${group.title}\n${group.note ? `${group.note}\n` : ''}\n${grid(heads, rows)}`
}

const rowsTable = (title: string, columns: Record<string, string>, rows: Row[]): string => {
  if (rows.length === 0) return ''
  const lines = rows.map((row) => Object.keys(columns).map((name) => valueText(row[name], 'count')))
  return `\n${title}\n\n${grid(Object.values(columns), lines)}`
}

export const eventColumns = {
  name: 'Event',
  count: 'Events',
  first_day: 'First day',
  last_day: 'Last day',
}
export const metricColumns = {
  name: 'Event',
  metric: 'Metric',
  count: 'Values',
  min: 'Min',
  max: 'Max',
  sum: 'Sum',
}

/** For the terminal: the last 31 days unless some were asked for, and the most frequent types. */
export const writeTable = async (report: Report, write: Write): Promise<void> => {
  const { options, read, types } = report
  const days = daysOf(report)
  const skipped = options.from || options.to ? 0 : Math.max(0, days.length - mostDays)
  const omitted = skipped > 0 ? `\n${skipped} earlier days are not shown: --from shows them.` : ''
  await write(`${options.source}, ${report.firstDay} to ${report.lastDay}, days of ${options.timeZone}
${read.events.toLocaleString('en')} events read, ${report.lifetimeUsers.toLocaleString('en')} lifetime users${omitted}
`)
  for (const group of await groupsOf(report, days)) await write(groupTable(group, days, skipped))
  const totals = await report.eventTotals(mostTypes)
  await write(rowsTable('Event types', eventColumns, totals))
  await write(rowsTable('Metrics of events', metricColumns, await report.metricTotals(mostMetrics)))
  if (totals.length === mostTypes && types.types > mostTypes) {
    await write(
      `\n${types.types.toLocaleString('en')} custom types in all: csv and json have them.\n`
    )
  }
}
