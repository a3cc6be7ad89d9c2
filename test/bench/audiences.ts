import type { Gate } from '../support/gate/gate'
import { load, refuseFailures } from './load'
import { cpuMs, median, number, spread, table } from './statistics'
import {
  addAudiences,
  type BenchWorker,
  callAdmin,
  seedWorkspace,
  startWeir,
  uploadUrl,
} from './workers'

const turns = 6
const roundMs = 2000
const connections = 32
// All of them stay in memory while the bench runs, and workerd has some 512 MB for their SQLite.
const mpids = 500

type Kind = (name: string, i: number, most: number) => object

// What shops ask for, in turn.
const kinds: Kind[] = [
  (_, i) => ({
    attribute: { plan: { $in: ['pro', `team-${i}`] }, city: { $regex: '^(Bern|Chur)$' } },
  }),
  (name, _, most) => ({ event: { name, within: '30d', count: { gte: Math.min(3 * most, 100) } } }),
  (name) => ({ not: { event: { name, within: '7d' } } }),
  (name, _, most) => ({
    event: { name, within: '7d', sum: { property: 'position', gte: 40 * most } },
  }),
  () => ({ date: { attribute: 'trial_end', within: 'next 3d' } }),
]

const hasEvents = (i: number): boolean => i % 10 === (Math.floor(i / 10) % 3) + 1

/** One in ten asks for events that come. */
const audiencesOf = ({ size, most }: Variant): { id: string; rule: object }[] =>
  Array.from({ length: size }, (_, i) => {
    const name = hasEvents(i) ? `Viewed thing ${Math.floor(i / 10)}` : `Never done ${i}`
    return { id: `a${i}`, rule: kinds[i % kinds.length]?.(name, i, most) ?? {} }
  })

interface Variant {
  what: string
  size: number
  /** How much must have happened to be a member, in multiples of what soon has. */
  most: number
}

const variants: Variant[] = [
  { what: '0', size: 0, most: 1 },
  { what: '10', size: 10, most: 1 },
  { what: '100', size: 100, most: 1 },
  { what: '100, which nobody enters or leaves', size: 100, most: 1e6 },
]

interface Round {
  cpuPerUpload: number
  changesPerUpload: number
}

const changesSoFar = async (worker: BenchWorker): Promise<number> => {
  const { connections: all } = (await callAdmin(worker, '/status')) as {
    connections: { id: string; ledger: { accepted: number } }[]
  }
  return all.find(({ id }) => id === 'told')?.ledger.accepted ?? 0
}

const round = async (worker: BenchWorker, firstMpid: number): Promise<Round> => {
  const order = { url: uploadUrl(worker), connections, firstMpid, mpids }
  // Profiles come into being before it counts.
  await load({ ...order, kind: 'once' })
  const [before, changes] = [await cpuMs(worker.workerdPid), await changesSoFar(worker)]
  const report = await load({ ...order, kind: 'flat', ms: roundMs })
  const spent = (await cpuMs(worker.workerdPid)) - before
  refuseFailures(report)
  return {
    cpuPerUpload: spent / report.requests,
    changesPerUpload: ((await changesSoFar(worker)) - changes) / report.requests,
  }
}

/** CPU per upload with more and more audiences, turn about in one run. */
export const benchAudiences = async (gate: Gate): Promise<string> => {
  const workers: { variant: Variant; worker: BenchWorker; rounds: Round[] }[] = []
  try {
    for (const variant of variants) {
      const worker = await startWeir()
      workers.push({ variant, worker, rounds: [] })
      const { queue } = await seedWorkspace(worker, gate, { fileSeconds: 60, withQueue: false })
      const audiences = audiencesOf(variant)
      if (audiences.length > 0) await addAudiences(worker, gate, { queue, audiences })
    }
    for (let i = 0; i < turns; i++) {
      const turn = i % 2 === 0 ? workers : [...workers].reverse()
      for (const one of turn) one.rounds.push(await round(one.worker, i * mpids))
    }
  } finally {
    for (const { worker } of workers) await worker.stop()
  }
  const cpuOf = (of: Round[] = []): number[] => of.map((one) => one.cpuPerUpload)
  const none = cpuOf(workers[0]?.rounds)
  return table(
    ['audiences', 'CPU ms per upload', 'more than without', 'enters and exits per upload'],
    workers.map(({ variant, rounds }) => {
      const more = cpuOf(rounds).map((one, i) => one - (none[i] ?? one))
      const share = `${number((100 * median(more)) / median(none))} %`
      return [
        variant.what,
        spread(cpuOf(rounds)),
        variant.size === 0 ? '' : `${spread(more)}, ${share}`,
        spread(rounds.map((one) => one.changesPerUpload)),
      ]
    })
  )
}
