import type { Gate } from '../support/gate/gate'
import type { Count } from './count'
import { type Freshness, freshness } from './freshness'
import { load, refuseFailures } from './load'
import { number, table, until, wait } from './statistics'
import { type BenchWorker, isDrained, seedWorkspace, startCounted, uploadUrl } from './workers'

// Dollars a million.
export const prices = {
  'Workers requests': 0.3,
  'Workers CPU ms': 0.02,
  'Durable Object requests': 0.15,
  'rows written': 1,
  'rows read': 0.001,
  'SQS requests': 0.4,
  'S3 PUTs': 5,
}
type Item = keyof typeof prices

const windows = 10
const windowMs = 2000
const fileSeconds = 5
const eventsPerUpload = 10
const sqsChunkBytes = 65_536

export interface Run {
  what: string
  profiles: number
  withQueue: boolean
}

export interface Bill {
  run: Run
  uploadsPerSecond: number
  /** Hand-offs to each connection: closed windows with events. */
  batches: number
  expectedBatches: number
  /** All counts are for a million events. */
  items: Record<Item, number>
  dollars: number
  counts: Record<string, Count>
  freshness: Freshness
}

/** Lets profiles live through their windows, and counts what that costs. */
export const countBill = async (gate: Gate, run: Run, cpuPerUploadMs: number): Promise<Bill> => {
  const worker = await startCounted({ BATCH_WINDOW_SECONDS: String(windowMs / 1000) })
  try {
    const place = await seedWorkspace(worker, gate, { fileSeconds, withQueue: run.withQueue })
    await worker.ask('reset')
    const uploads = await load({
      kind: 'windows',
      url: uploadUrl(worker),
      connections: 64,
      firstMpid: 0,
      mpids: run.profiles,
      windows,
      windowMs,
    })
    refuseFailures(uploads)
    const counts = await settled(worker)
    const scale = 1_000_000 / (uploads.requests * eventsPerUpload)
    const items = itemsOf(counts, { gate, place, uploads: uploads.requests, scale, cpuPerUploadMs })
    const connections = run.withQueue ? 2 : 1
    return {
      run,
      uploadsPerSecond: uploads.requests / uploads.seconds,
      batches: (counts.Outbox?.requests.enqueue ?? 0) / connections,
      expectedBatches: run.profiles * windows,
      items,
      dollars: sum(Object.entries(items).map(([item, n]) => (n / 1e6) * prices[item as Item])),
      counts: scaled(counts, scale),
      freshness: await freshness(gate, place, windowMs),
    }
  } finally {
    await worker.stop()
  }
}

const settled = async (worker: BenchWorker): Promise<Record<string, Count>> => {
  // The last windows close and are handed on; the status is asked only then, since it counts, too.
  await wait(windowMs * 2)
  const { counts } = await worker.ask<{ counts: Record<string, Count> }>('counts')
  await wait(fileSeconds * 1000 + 1000)
  const { counts: after } = await worker.ask<{ counts: Record<string, Count> }>('counts')
  await until(() => isDrained(worker), { what: 'everything is delivered' })
  return Object.keys(after).length > 0 ? after : counts
}

const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0)
const total = (counts: Record<string, Count>, what: keyof Count): number =>
  sum(Object.values(counts).flatMap((count) => Object.values(count[what])))

interface Facts {
  gate: Gate
  place: { bucket: string; queue: string }
  uploads: number
  scale: number
  cpuPerUploadMs: number
}

const itemsOf = (counts: Record<string, Count>, facts: Facts): Record<Item, number> => {
  const { gate, place, uploads, scale, cpuPerUploadMs } = facts
  const answered = gate.requests.filter((one) => one.status === 200)
  const puts = answered.filter((one) => one.bucket === place.bucket)
  const sends = answered.filter((one) => one.queue === place.queue)
  const chunks = sum(sends.map((one) => Math.ceil(one.bytes / sqsChunkBytes)))
  return {
    'Workers requests': uploads * scale,
    'Workers CPU ms': uploads * cpuPerUploadMs * scale,
    'Durable Object requests': total(counts, 'requests') * scale,
    'rows written': total(counts, 'rowsWritten') * scale,
    'rows read': total(counts, 'rowsRead') * scale,
    'SQS requests': chunks * scale,
    'S3 PUTs': puts.length * scale,
  }
}

const scaled = (counts: Record<string, Count>, scale: number): Record<string, Count> => {
  const times = (record: Record<string, number>): Record<string, number> =>
    Object.fromEntries(Object.entries(record).map(([name, count]) => [name, count * scale]))
  return Object.fromEntries(
    Object.entries(counts).map(([name, { requests, rowsWritten, rowsRead }]) => [
      name,
      {
        requests: times(requests),
        rowsWritten: times(rowsWritten),
        rowsRead: times(rowsRead),
      },
    ])
  )
}

/** Items and dollars of some bills, side by side. */
export const billTable = (bills: Bill[]): string =>
  table(
    ['per million events', '$ per million', ...bills.map(({ run }) => run.what)],
    [
      ...(Object.keys(prices) as Item[]).map((item) => [
        item,
        number(prices[item]),
        ...bills.map(({ items }) => {
          const dollars = (items[item] / 1e6) * prices[item]
          return `${number(Math.round(items[item]))} ($${dollars.toFixed(4)})`
        }),
      ]),
      ['**total**', '', ...bills.map(({ dollars }) => `**$${dollars.toFixed(4)}**`)],
      [
        'uploads a second',
        '',
        ...bills.map(({ uploadsPerSecond }) => number(Math.round(uploadsPerSecond))),
      ],
      [
        'profile batches seen / expected',
        '',
        ...bills.map(({ batches, expectedBatches }) => `${batches} / ${expectedBatches}`),
      ],
    ]
  )

/** Where the rows and requests of some bills go, largest first. */
export const breakdown = (bills: Bill[], what: 'rowsWritten' | 'requests'): string => {
  const names = new Set(
    bills.flatMap(({ counts }) =>
      Object.entries(counts).flatMap(([name, count]) =>
        Object.keys(count[what]).map((kind) => `${name}\t${kind}`)
      )
    )
  )
  const rows = [...names].map((key) => {
    const [name = '', kind = ''] = key.split('\t')
    return { name, kind, each: bills.map(({ counts }) => counts[name]?.[what][kind] ?? 0) }
  })
  return table(
    ['object', what === 'requests' ? 'call' : 'statement', ...bills.map(({ run }) => run.what)],
    rows
      .sort((a, b) => (b.each[0] ?? 0) - (a.each[0] ?? 0))
      .map(({ name, kind, each }) => [
        name,
        `\`${kind}\``,
        ...each.map((count) => number(Math.round(count))),
      ])
  )
}
