import type { Row } from '../database'
import type { Kpi } from '../kpi-list'
import { dailyKpis } from '../kpi-list'
import { allOf, numberOf, type Report, textOf } from '../report'

/** A value for each day of a report; null where there is none yet. */
export interface Series {
  label: string
  values: (number | null)[]
}

export type Unit = 'count' | 'amount' | 'ratio'

/** What belongs in one chart or one table. */
export interface Group {
  title: string
  note: string
  unit: Unit
  series: Series[]
}

const kpiOf = (file: string): Kpi | undefined => dailyKpis.find((kpi) => kpi.file === file)

const dailyRows = async (report: Report, file: string): Promise<Row[]> => {
  const kpi = kpiOf(file)
  return kpi ? allOf(report.daily(kpi)) : []
}

const column = (rows: Row[], name: string, label: string): Series => ({
  label,
  values: rows.map((row) => (typeof row[name] === 'number' ? row[name] : null)),
})

const counts = async (report: Report, file: string): Promise<Series> =>
  column(await dailyRows(report, file), 'count', kpiOf(file)?.title ?? file)

/** Every day from the first to the last of a report. */
export const daysOf = ({ firstDay, lastDay }: Report): string[] => {
  const days: string[] = []
  for (let ms = Date.parse(firstDay); ms <= Date.parse(lastDay); ms += 86_400_000) {
    days.push(new Date(ms).toISOString().slice(0, 10))
  }
  return days
}

/** Rows that are there for some days only, made series over all of them, one per key. */
const sparse = (
  rows: Row[],
  days: string[],
  { key, value }: { key: string; value: string }
): Series[] => {
  const places = new Map(days.map((day, index) => [day, index]))
  const series = new Map<string, number[]>()
  for (const row of rows) {
    const label = textOf(row[key])
    const values = series.get(label) ?? days.map(() => 0)
    series.set(label, values)
    const place = places.get(textOf(row.day))
    if (place !== undefined) values[place] = numberOf(row[value])
  }
  return [...series].map(([label, values]) => ({ label, values }))
}

const total = ({ values }: Series): number =>
  values.reduce<number>((sum, value) => sum + (value ?? 0), 0)

const mostCurrencies = 4

const revenue = async (report: Report, days: string[]): Promise<Group[]> => {
  const rows = await dailyRows(report, 'daily-revenue')
  const written = sparse(rows, days, { key: 'currency', value: 'sum' })
  const gross = sparse(rows, days, { key: 'currency', value: 'gross' })
  const largest = gross.sort((a, b) => total(b) - total(a)).slice(0, mostCurrencies)
  return largest.map(({ label, values }) => ({
    title: `Daily revenue, ${label || 'no currency'}`,
    note: 'Prices as written, and times the quantity.',
    unit: 'amount',
    series: [
      { label: 'Price × quantity', values },
      { label: 'Price', values: written.find((series) => series.label === label)?.values ?? [] },
    ],
  }))
}

const retention = async (report: Report, what: 'day' | 'week', ks: number[]): Promise<Group> => {
  const rows = await dailyRows(report, `${what}-retention`)
  const note =
    what === 'day'
      ? 'Of the users active on a day, those active again exactly k days later.'
      : 'Of the users active on a day, those active again in the k-th week after it.'
  return {
    title: what === 'day' ? 'Day k retention' : 'Week k retention',
    note: `${note} Nothing while that time is not over.`,
    unit: 'ratio',
    series: ks.map((k) =>
      column(rows, `${what}_${k}_ratio`, `${what === 'day' ? 'Day' : 'Week'} ${k}`)
    ),
  }
}

const topTypes = 8

const events = async (report: Report, days: string[]): Promise<Group[]> => {
  const rows = await report.topEvents(topTypes)
  const series = sparse(rows, days, { key: 'name', value: 'count' })
  if (series.length === 0) return []
  const title = report.options.events.length > 0 ? 'Events asked for' : 'Custom events'
  const note = series.length < topTypes ? '' : `The ${topTypes} most frequent types.`
  return [{ title, note, unit: 'count', series: series.sort((a, b) => total(b) - total(a)) }]
}

const group = (title: string, note: string, series: Series[]): Group => ({
  title,
  note,
  unit: 'count',
  series,
})

/** All that is reported by day, in the order in which it is shown. */
export const groupsOf = async (report: Report, days: string[]): Promise<Group[]> => {
  const count = (file: string) => counts(report, file)
  return [
    group('Active users', 'Users with a session on the day, and on it or the 29 days before.', [
      await count('mau'),
      await count('dau'),
    ]),
    group('Sessions and new users', 'Session starts, and users whose first session it is.', [
      await count('sessions'),
      await count('new-users'),
    ]),
    group('Paying users', 'Active users who have bought something by then.', [
      await count('pmau'),
      await count('pdau'),
    ]),
    ...(await revenue(report, days)),
    await retention(report, 'day', [1, 3, 5, 7]),
    await retention(report, 'week', [1, 2, 3]),
    ...(await events(report, days)),
  ]
}
