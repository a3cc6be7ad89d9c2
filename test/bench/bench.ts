import { loadavg } from 'node:os'
import { readArguments, readNames, readOrExit } from '../../worker/commands/arguments'
import { leave } from '../../worker/commands/leave'
import { type Gate, startGate } from '../support/gate/gate'
import { benchAudiences } from './audiences'
import { type Bill, billTable, breakdown, countBill } from './bill'
import { benchDelivery } from './delivery'
import { benchIngest } from './ingest'
import { benchKpis } from './kpis'
import { benchMemory } from './memory'
import { benchSdk } from './sdk/sdk'
import { benchSizes } from './sizes'
import { type Budgeted, budgetTable, number, quantile } from './statistics'
import { keys, stateFolder } from './workers'

const parts = ['sizes', 'sdk', 'ingest', 'audiences', 'bill', 'delivery', 'memory', 'kpis'] as const
const usage = `Usage: npm run bench [-- --only ${parts.join(',')}]`
const asked = readOrExit(usage, () => {
  const { values } = readArguments({ options: { only: { type: 'string', default: parts.join() } } })
  return readNames('--only', values.only, parts)
})

// Used for the bill when ingest was not measured in the same run.
let cpuPerUploadMs = 1

const say = (...texts: string[]): void => console.log(`${texts.join('\n\n')}\n`)

const loadNow = (): string =>
  `load average ${loadavg()
    .map((one) => one.toFixed(1))
    .join(' ')}`

const withGate = async (work: (gate: Gate) => Promise<void>): Promise<void> => {
  const gate = await startGate({ credentials: keys })
  try {
    await work(gate)
    if (gate.refusals.length > 0) throw new Error(`The gate refused ${gate.refusals.length} times.`)
  } finally {
    await gate.stop()
  }
}

const bill = async (gate: Gate): Promise<void> => {
  const both = 'S3 and SQS'
  const runs = [
    { what: both, profiles: 150, withQueue: true },
    { what: 'S3 only', profiles: 150, withQueue: false },
    { what: 'S3 and SQS, a tenth of the load', profiles: 15, withQueue: true },
  ]
  const bills: Bill[] = []
  for (const run of runs) bills.push(await countBill(gate, run, cpuPerUploadMs))
  say(
    '## Bill per million events',
    '10 events per upload, 3 uploads per window, profiles that live for 10 windows; counted.',
    budgetTable(billBudgets(bills)),
    billTable(bills),
    '### Rows written, per million events',
    breakdown(bills, 'rowsWritten'),
    '### Durable Object requests, per million events',
    breakdown(bills, 'requests')
  )
}

const billBudgets = ([both, alone]: Bill[]): Budgeted[] => {
  if (!both || !alone) return []
  const { s3, sqs } = both.freshness
  const under = (what: string, budget: number, value: number): Budgeted => ({
    what,
    budget: `≤ ${number(budget)}`,
    measured: number(value),
    isKept: value <= budget,
  })
  const requests = both.items['Durable Object requests']
  return [
    under('Bill, S3 and SQS: rows written', 250_000, both.items['rows written']),
    under(
      'Bill, S3 and SQS: Durable Object requests (3 uploads, 1 alarm and 2 hand-offs for 30 events are 200,000)',
      170_000,
      requests
    ),
    under('Bill, S3 and SQS: dollars', 0.35, both.dollars),
    under('Bill, S3 only: dollars', 0.25, alone.dollars),
    under(
      'Freshness: S3 p99, s after the window ended (files of 5 s)',
      10,
      quantile(s3, 0.99) / 1000
    ),
    under('Freshness: SQS p99, s after the window ended', 2, quantile(sqs, 0.99) / 1000),
    {
      what: 'Freshness: p50 of S3 and SQS, s',
      budget: '',
      measured: `${number(quantile(s3, 0.5) / 1000)} and ${number(quantile(sqs, 0.5) / 1000)}`,
      isKept: undefined,
    },
  ]
}

const sections: Record<(typeof parts)[number], () => Promise<void>> = {
  async sizes() {
    const { budgets, details } = await benchSizes()
    say('## Sizes', budgetTable(budgets), details)
  },
  async sdk() {
    const before = loadNow()
    const { budgets, details } = await benchSdk()
    say(`## SDK\n\n${before} before, ${loadNow()} after.`, budgetTable(budgets), ...details)
  },
  ingest: () =>
    withGate(async (gate) => {
      const measured = await benchIngest(gate)
      cpuPerUploadMs = measured.cpuPerUploadMs
      say('## Ingest', budgetTable(measured.budgets), measured.details)
    }),
  audiences: () =>
    withGate(async (gate) =>
      say(
        '## Audiences',
        'Uploads of 10 events; one audience in ten asks for events that come.',
        await benchAudiences(gate)
      )
    ),
  bill: () => withGate(bill),
  delivery: () =>
    withGate(async (gate) => say('## Delivery', budgetTable(await benchDelivery(gate)))),
  memory: () => withGate(async (gate) => say('## Memory', budgetTable(await benchMemory(gate)))),
  async kpis() {
    say('## KPIs', budgetTable(await benchKpis()))
  },
}

say(
  '# weir bench',
  `Median (min–max). Objects are stored in ${stateFolder()}. ${loadNow()} before.`
)
for (const part of parts) if (asked.includes(part)) await sections[part]()
say(`${loadNow()} after.`)
await leave(0)
