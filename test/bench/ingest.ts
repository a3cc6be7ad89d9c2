import type { Gate } from '../support/gate/gate'
import { load, refuseFailures } from './load'
import { type Budgeted, cpuMs, median, number, quantile, spread, table } from './statistics'
import { type BenchWorker, seedWorkspace, startBaseline, startWeir, uploadUrl } from './workers'

const rounds = 6
const roundMs = 2000
const connections = 32
// Each round has profiles of its own, so that one gets some three uploads in its window, as in the bill.
const mpids = 1500

interface Round {
  perSecond: number
  cpuPerRequest: number
  p50: number
  p99: number
}

const round = async (worker: BenchWorker, firstMpid: number): Promise<Round> => {
  const order = { url: uploadUrl(worker), connections, firstMpid, mpids }
  // Profiles come into being before it counts.
  await load({ ...order, kind: 'once' })
  const before = await cpuMs(worker.workerdPid)
  const report = await load({ ...order, kind: 'flat', ms: roundMs })
  const spent = (await cpuMs(worker.workerdPid)) - before
  refuseFailures(report)
  return {
    perSecond: report.requests / report.seconds,
    cpuPerRequest: spent / report.requests,
    p50: quantile(report.latenciesMs, 0.5),
    p99: quantile(report.latenciesMs, 0.99),
  }
}

export interface Ingest {
  budgets: Budgeted[]
  details: string
  cpuPerUploadMs: number
}

/** Uploads against the least that a worker can do with them, turn about in one run. */
export const benchIngest = async (gate: Gate): Promise<Ingest> => {
  const [weir, baseline] = [await startWeir(), await startBaseline()]
  try {
    await seedWorkspace(weir, gate, { fileSeconds: 60, withQueue: true })
    const [ours, least]: [Round[], Round[]] = [[], []]
    for (let i = 0; i < rounds; i++) {
      const firstMpid = i * mpids
      if (i % 2 === 0) ours.push(await round(weir, firstMpid))
      least.push(await round(baseline, firstMpid))
      if (i % 2 === 1) ours.push(await round(weir, firstMpid))
    }
    return report(ours, least)
  } finally {
    await weir.stop()
    await baseline.stop()
  }
}

const report = (ours: Round[], least: Round[]): Ingest => {
  const ratios = (of: (one: Round) => number): number[] =>
    ours.map((one, i) => of(one) / of(least[i] ?? one))
  const speed = ratios((one) => one.perSecond)
  const cpu = ratios((one) => one.cpuPerRequest)
  const row = (name: string, of: Round[]): string[] => [
    name,
    spread(of.map((one) => one.perSecond)),
    spread(of.map((one) => one.cpuPerRequest)),
    number(median(of.map((one) => one.p50))),
    number(median(of.map((one) => one.p99))),
  ]
  return {
    budgets: [
      {
        what: 'Ingest: requests per second, share of the baseline',
        budget: '≥ 0.70',
        measured: spread(speed),
        isKept: median(speed) >= 0.7,
      },
      {
        what: 'Ingest: CPU per request, multiple of the baseline',
        budget: '≤ 1.50',
        measured: spread(cpu),
        isKept: median(cpu) <= 1.5,
      },
    ],
    details: table(
      ['worker', 'requests/s', 'CPU ms per request', 'p50 ms', 'p99 ms'],
      [row('weir', ours), row('baseline', least)]
    ),
    cpuPerUploadMs: median(ours.map((one) => one.cpuPerRequest)),
  }
}
