import { parseArgs } from 'node:util'
import { type ChaosReport, runChaos } from './run'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    kills: { type: 'string', default: '20' },
    uploads: { type: 'string', default: '2000' },
    writers: { type: 'string', default: '6' },
  },
})

const counts = (record: Record<string, number>): string =>
  Object.entries(record)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ')

const summary = ({ writing, ...report }: ChaosReport): string =>
  [
    `kills ${report.kills}`,
    `uploads ${report.uploads}`,
    `events ${report.events}`,
    `requests ${writing.requests} (${counts(writing.statuses)})`,
    `retries ${writing.retries}`,
    `repeats ${writing.repeats}`,
    `faults: ${counts(report.faults)}`,
    `S3 objects ${report.objects}`,
    `SQS messages ${report.messages}`,
    `duplicates in SQS ${report.duplicates}`,
    `enters and exits ${report.changes}`,
    `${report.seconds.toFixed(0)} s`,
  ].join(' · ')

const seed = Number(values.seed)
const report = await runChaos({
  seed,
  kills: Number(values.kills),
  uploads: Number(values.uploads),
  writers: Number(values.writers),
})
console.log(`seed ${seed} · ${summary(report)}`)
for (const [line, count] of Object.entries(report.logged)) console.log(`  logged ${count}× ${line}`)
for (const problem of report.problems) console.log(`  FAILED: ${problem}`)
console.log(report.problems.length === 0 ? '  Nothing lost, nothing doubled.' : '')
process.exitCode = report.problems.length === 0 ? 0 : 1
