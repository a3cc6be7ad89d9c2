import type { Gate } from '../support/gate/gate'
import { type Budgeted, number, residentBytes, until, wait } from './statistics'
import { type BenchWorker, callAdmin, isDrained, seedWorkspace, startCounted } from './workers'

const mebibyte = 1024 * 1024
const budget = 32 * mebibyte
const backlogMebibytes = 96

interface Held {
  most: number
  mostInCalls: number
  mostFromRows: number
}

const sampled = async (worker: BenchWorker, work: () => Promise<void>): Promise<number> => {
  const sampling = { isOver: false, most: 0 }
  const sampler = (async () => {
    while (!sampling.isOver) {
      sampling.most = Math.max(sampling.most, await residentBytes(worker.workerdPid))
      await wait(50)
    }
  })()
  try {
    await work()
  } finally {
    sampling.isOver = true
    await sampler
  }
  return sampling.most
}

const drainBacklog = async (
  gate: Gate,
  {
    service,
    outbox,
    lane,
    chars,
  }: { service: 's3' | 'sqs'; outbox: string; lane: string; chars: number }
): Promise<Budgeted> => {
  const worker = await startCounted()
  try {
    await seedWorkspace(worker, gate, { fileSeconds: 1, withQueue: true })
    gate.faults.set([{ match: { service }, fault: 'forbidden' }])
    const count = String(Math.floor((backlogMebibytes * mebibyte) / chars))
    const query = { outbox: `${outbox}/0`, lane, count, chars: String(chars), callers: '256' }
    await worker.ask(`fill?${new URLSearchParams(query)}`)
    const taking = await worker.ask<{ held: Held }>('counts')
    await worker.ask('reset')
    gate.faults.clear()
    const resident = await sampled(worker, async () => {
      await callAdmin(worker, `/connections/${outbox}/retry`, { method: 'POST' })
      await until(() => isDrained(worker), { what: 'the backlog is gone', patienceMs: 180_000 })
    })
    const draining = await worker.ask<{ held: Held }>('counts')
    // A file's text is in memory a second time, as the request's body.
    const copies = service === 's3' ? 2 : 1
    const most = Math.max(taking.held.most, draining.held.most * copies)
    const mebibytes = (bytes: number): string => `${number(bytes / mebibyte)} MiB`
    return {
      what: `Memory: delivery text in one outbox, ${backlogMebibytes} MiB waiting for ${service.toUpperCase()}`,
      budget: '≤ 32 MiB',
      measured: `${mebibytes(most)} (taking ${mebibytes(taking.held.most)}, draining ${mebibytes(
        draining.held.most
      )}${copies > 1 ? ' and again as the body' : ''}; workerd resident at most ${mebibytes(resident)})`,
      isKept: most <= budget,
    }
  } finally {
    gate.faults.clear()
    await worker.stop()
  }
}

/** The most delivery text that an outbox holds while a large backlog comes and goes. */
export const benchMemory = async (gate: Gate): Promise<Budgeted[]> => [
  await drainBacklog(gate, { service: 's3', outbox: 'lake', lane: '/weir', chars: 4096 }),
  await drainBacklog(gate, { service: 'sqs', outbox: 'queue', lane: '', chars: 4096 }),
]
