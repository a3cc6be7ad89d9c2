import type { Gate } from '../support/gate/gate'
import { type Budgeted, median, spread, until } from './statistics'
import { type BenchWorker, callAdmin, isDrained, seedWorkspace, startFillable } from './workers'

const runs = 5
const batches = 8000
const batchChars = 2048
const messages = 1005

const filling = (outbox: string, count: number, chars: number, lane: string): string =>
  `fill?${new URLSearchParams({ outbox, lane, count: `${count}`, chars: `${chars}`, callers: '256' })}`

const landedBytes = (gate: Gate, bucket: string): number =>
  gate.requests
    .filter((one) => one.bucket === bucket && one.action === 'PutObject' && one.status === 200)
    .reduce((sum, one) => sum + one.bytes, 0)

/** From the first hand-off until the last line is in the bucket, batches a second. */
const throughFiles = async (worker: BenchWorker, gate: Gate): Promise<number> => {
  const { bucket } = await seedWorkspace(worker, gate, { fileSeconds: 1, withQueue: false })
  const before = landedBytes(gate, bucket)
  const started = performance.now()
  await worker.ask(filling('lake/0', batches, batchChars, '/weir'))
  const expected = before + batches * batchChars * 0.95
  await until(() => landedBytes(gate, bucket) >= expected, { what: 'all files are written' })
  await until(() => isDrained(worker), { what: 'the outbox is empty' })
  return batches / ((performance.now() - started) / 1000)
}

/** Fills an outbox while its output refuses, and lets go. @returns messages in each request */
const throughQueue = async (worker: BenchWorker, gate: Gate): Promise<number[]> => {
  const { queue } = await seedWorkspace(worker, gate, { fileSeconds: 60, withQueue: true })
  gate.faults.set([{ match: { service: 'sqs' }, fault: 'forbidden' }])
  await worker.ask(filling('queue/0', messages, 500, ''))
  await until(() => gate.requests.some((one) => one.queue === queue), { what: 'a first request' })
  gate.faults.clear()
  await callAdmin(worker, '/connections/queue/retry', { method: 'POST' })
  await until(() => isDrained(worker), { what: 'the queue has everything' })
  return gate.requests
    .filter((one) => one.queue === queue && one.status === 200 && one.entries > 0)
    .map((one) => one.entries)
}

/** How fast one outbox takes and delivers, and how full its requests are. */
export const benchDelivery = async (gate: Gate): Promise<Budgeted[]> => {
  const worker = await startFillable()
  try {
    const speeds: number[] = []
    for (let i = 0; i < runs; i++) speeds.push(await throughFiles(worker, gate))
    const entries = await throughQueue(worker, gate)
    const full = Math.floor(messages / 10)
    const isFull = entries.filter((count) => count === 10).length === full
    return [
      {
        what: `Delivery: batches of 2 KB a second through one outbox into S3 (${batches} a run)`,
        budget: '≥ 2,000',
        measured: spread(speeds),
        isKept: median(speeds) >= 2000,
      },
      {
        what: `Delivery: messages per SQS request, ${messages} waiting`,
        budget: `${full} × 10 and the rest`,
        measured: `${entries.filter((count) => count === 10).length} × 10, then ${entries
          .filter((count) => count !== 10)
          .join(', ')}`,
        isKept: isFull && entries.length === full + 1,
      },
    ]
  } finally {
    await worker.stop()
  }
}
