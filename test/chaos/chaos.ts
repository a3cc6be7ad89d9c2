import { readArguments, readOrExit, readWholeNumber } from '../../worker/commands/arguments'
import { type ChaosReport, runChaos } from './run'

const usage = 'Usage: npm run test:chaos [-- --seed 1 --kills 20 --uploads 2000 --writers 6]'
const options = {
  seed: { type: 'string', default: '1' },
  kills: { type: 'string', default: '20' },
  uploads: { type: 'string', default: '2000' },
  writers: { type: 'string', default: '6' },
} as const

const order = readOrExit(usage, () => {
  const { seed, kills, uploads, writers } = readArguments({ options }).values
  return {
    seed: readWholeNumber('--seed', seed),
    kills: readWholeNumber('--kills', kills),
    uploads: readWholeNumber('--uploads', uploads),
    writers: readWholeNumber('--writers', writers),
  }
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

const report = await runChaos(order)
console.log(`seed ${order.seed} · ${summary(report)}`)
for (const [line, count] of Object.entries(report.logged)) console.log(`  logged ${count}× ${line}`)
for (const problem of report.problems) console.log(`  FAILED: ${problem}`)
console.log(report.problems.length === 0 ? '  Nothing lost, nothing doubled.' : '')
process.exitCode = report.problems.length === 0 ? 0 : 1
