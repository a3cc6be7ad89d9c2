import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Row } from '../database'
import type { Report, Write } from '../report'
import { daysOf, type Group, groupsOf } from './series'
import { eventColumns, metricColumns, valueText } from './table'

const mostTypes = 1500
const mostMetrics = 3000
// Beyond half a year single days are noise.
const mostSingleDays = 183

const find = createRequire(import.meta.url).resolve
const textFile = (path: string): string => readFileSync(path, 'utf8')
const ownFile = (name: string): string => textFile(join(import.meta.dirname, '../page', name))

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)

// Within a script element only a `<` could end it.
const scriptJson = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c')

const hashOf = (script: string): string =>
  `'sha256-${createHash('sha256').update(script).digest('base64')}'`

const cells = (row: string[]): string =>
  row
    .map((cell, index) => (index === 0 ? `<th scope="row">${cell}</th>` : `<td>${cell}</td>`))
    .join('')

const table = (heads: string[], rows: string[][]): string => {
  const head = heads.map((head) => `<th scope="col">${escaped(head)}</th>`).join('')
  const body = rows.map((row) => `<tr>${cells(row.map(escaped))}</tr>`).join('\n')
  return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table></div>`
}

const meanDaysOf = (days: string[]): number => (days.length > mostSingleDays ? 7 : 1)

const groupSection = (group: Group, days: string[], index: number): string => {
  const rows = days.map((day, at) => [
    day,
    ...group.series.map(({ values }) => valueText(values[at], group.unit)),
  ])
  return `<section aria-labelledby="g${index}">
<h2 id="g${index}">${escaped(group.title)}</h2>
<p>${escaped(group.note)}${meanDaysOf(days) > 1 ? ' Drawn as the mean of seven days.' : ''}</p>
<div class="chart" data-group="${index}" aria-hidden="true"></div>
<details><summary>Table of ${escaped(group.title)}</summary>
${table(['Day', ...group.series.map(({ label }) => label)], rows)}
</details>
</section>
`
}

const rowsSection = (title: string, columns: Record<string, string>, rows: Row[]): string => {
  if (rows.length === 0) return ''
  const lines = rows.map((row) => Object.keys(columns).map((name) => valueText(row[name], 'count')))
  return `<section><h2>${title}</h2>\n${table(Object.values(columns), lines)}\n</section>\n`
}

const lastOf = ({ series }: Group): string[] =>
  series.map(
    ({ label, values }) =>
      `<div><dt>${escaped(label)}</dt><dd>${valueText(values.at(-1), 'count')}</dd></div>`
  )

const headOf = (report: Report, scripts: string[], data: string): string => {
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src ${scripts.map(hashOf).join(' ')}`
  const styles = [textFile(find('uplot/dist/uPlot.min.css')), ownFile('page.css')]
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escaped(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>KPIs, ${report.firstDay} to ${report.lastDay}</title>
<style>${styles.join('\n')}</style>
</head>
<body>
<script type="application/json" id="data">${data}</script>
`
}

const summary = (report: Report, groups: Group[]): string => {
  const { options, read, types } = report
  const beyond = types.beyond_quota
    ? ` ${types.beyond_quota.toLocaleString('en')} custom types beyond the first 1,500 are left out of the reports by type.`
    : ''
  return `<header>
<h1>KPIs</h1>
<p>${escaped(options.source)}: ${read.events.toLocaleString('en')} events read. ${report.firstDay} to ${report.lastDay}, days of ${escaped(options.timeZone)}.${beyond}</p>
<dl>
<div><dt>Lifetime users</dt><dd>${report.lifetimeUsers.toLocaleString('en')}</dd></div>
${groups.slice(0, 3).flatMap(lastOf).join('\n')}
</dl>
<p class="small">All but lifetime users: on the last day.</p>
</header>
`
}

/** One page with charts and tables that needs nothing else, not even a network. */
export const writeHtml = async (report: Report, write: Write): Promise<void> => {
  const days = daysOf(report)
  const groups = await groupsOf(report, days)
  const scripts = [textFile(find('uplot/dist/uPlot.iife.min.js')), ownFile('charts.js')]
  const shown = groups.map(({ unit, series }) => ({ unit, series }))
  const data = scriptJson({ firstDay: report.firstDay, groups: shown, meanDays: meanDaysOf(days) })
  await write(headOf(report, scripts, data))
  await write(`${summary(report, groups)}<main>\n`)
  for (const [index, one] of groups.entries()) await write(groupSection(one, days, index))
  await write(rowsSection('Event types', eventColumns, await report.eventTotals(mostTypes)))
  await write(
    rowsSection('Metrics of events', metricColumns, await report.metricTotals(mostMetrics))
  )
  await write('</main>\n')
  for (const script of scripts) await write(`<script>${script}</script>\n`)
  await write('</body>\n</html>\n')
}
