import { setTimeout } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { writeReport } from '../../worker/commands/kpis/output'
import type { Report } from '../../worker/commands/kpis/report'

// DuckDB ends the whole process, without a word, when it is closed while a query runs. So the command
// could die before it told that its file cannot be written.
it.each(['csv', 'json'] as const)(
  'of %s rejects only after its queries have ended',
  async (format) => {
    let running = 0
    const rows = async function* () {
      running += 1
      try {
        for (let day = 1; day < 9; day++) {
          await setTimeout(20)
          yield { day: `2025-03-0${day}`, count: day }
        }
      } finally {
        running -= 1
      }
    }
    const report = {
      options: { timeZone: 'UTC', events: [] },
      loaded: { files: 1, bytes: 1, unreadable: [], repeats: 0 },
      read: {},
      types: {},
      daily: rows,
      eventDays: rows,
    } as unknown as Report
    const output = `/nowhere/at/all.${format}`
    await expect(writeReport(report, { format, output }, process.stdout)).rejects.toThrow(output)
    expect(running).toBe(0)
  }
)
