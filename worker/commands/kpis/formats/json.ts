import type { Row } from '../database'
import { dailyKpis, eventPath, lifetimeUsers } from '../kpi-list'
import { type Report, textOf, type Write } from '../report'

const writeRows = async (rows: AsyncGenerator<Row>, write: Write): Promise<void> => {
  let before = ''
  for await (const row of rows) {
    await write(`${before}\n        ${JSON.stringify(row)}`)
    before = ','
  }
}

const entry = (path: string, title: object): string =>
  `,\n    ${JSON.stringify(path)}: {${JSON.stringify(title).slice(1, -1)}, "rows": [`

const end = '\n    ]}'

const writeEvents = async (report: Report, write: Write): Promise<void> => {
  let current: string | undefined
  for await (const { name, metrics, ...row } of report.eventDays()) {
    const isNew = textOf(name) !== current
    if (isNew) {
      if (current !== undefined) await write(end)
      current = textOf(name)
      await write(entry(eventPath(current), { event: current }))
    }
    const day = { ...row, metrics: metrics ?? [] }
    await write(`${isNew ? '' : ','}\n        ${JSON.stringify(day)}`)
  }
  if (current !== undefined) await write(end)
}

/** One object; under `kpis`, each KPI by its old query path. */
export const writeJson = async (report: Report, write: Write): Promise<void> => {
  const { options, firstDay, lastDay, loaded, read, types } = report
  const head = {
    source: options.source,
    time_zone: options.timeZone,
    first_day: firstDay,
    last_day: lastDay,
    read: { files: loaded.files, bytes: loaded.bytes, ...read },
    repeated_events: loaded.repeats,
    unreadable_files: loaded.unreadable,
    custom_event_types: types,
  }
  const lifetime = { title: lifetimeUsers.title, rows: [{ count: report.lifetimeUsers }] }
  await write(`${JSON.stringify(head, null, 2).slice(0, -2)},\n  "kpis": {\n`)
  await write(`    ${JSON.stringify(lifetimeUsers.path)}: ${JSON.stringify(lifetime)}`)
  for (const kpi of dailyKpis) {
    await write(entry(kpi.path, { title: kpi.title }))
    await writeRows(report.daily(kpi), write)
    await write(end)
  }
  await writeEvents(report, write)
  await write('\n  }\n}\n')
}
