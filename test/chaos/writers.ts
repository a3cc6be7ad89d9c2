import { ask } from './http'
import { between, type Random, wait } from './random'
import type { PlannedUpload } from './uploads'

export interface Writing {
  url: string
  random: Random
  uploads: PlannedUpload[]
  /** Each writer rests up to this long between two uploads. */
  pauseMs: number
  onAcknowledged: (done: number) => void
  isOver: () => boolean
}

export interface WriterCounts {
  requests: number
  retries: number
  repeats: number
  /** Answers by status, 0 for none. */
  statuses: Record<string, number>
}

/** Sends all uploads with `writers` clients at once, each until it is told 202. */
export const writeAll = async (writing: Writing, writers: number): Promise<WriterCounts> => {
  const counts: WriterCounts = { requests: 0, retries: 0, repeats: 0, statuses: {} }
  const clock = { now: 0, done: 0 }
  const queue = writing.uploads.values()
  const writer = async (): Promise<void> => {
    for (const upload of queue) {
      if (writing.isOver()) return
      await write(upload, { ...writing, counts, clock })
      writing.onAcknowledged(++clock.done)
      await wait(writing.random() * writing.pauseMs)
    }
  }
  await Promise.all(Array.from({ length: writers }, writer))
  return counts
}

interface Client extends Writing {
  counts: WriterCounts
  clock: { now: number }
}

const write = async (upload: PlannedUpload, client: Client): Promise<void> => {
  const { random, counts, clock } = client
  while (upload.after?.acknowledged === 0 && !client.isOver()) await wait(5)
  upload.firstSent = ++clock.now
  if (upload.habit === 'impatient') {
    counts.retries += 1
    await post(upload, client, between(random, 1, 25))
  }
  const copies = upload.habit === 'beside' ? 2 : 1
  counts.repeats += copies - 1
  await Promise.all(Array.from({ length: copies }, () => sendUntilTaken(upload, client)))
  upload.acknowledged = ++clock.now
  if (upload.habit !== 'again') return
  counts.repeats += 1
  await sendUntilTaken(upload, client)
}

const sendUntilTaken = async (upload: PlannedUpload, client: Client): Promise<void> => {
  for (let waitMs = 40; !client.isOver(); waitMs = Math.min(waitMs * 2, 1000)) {
    const status = await post(upload, client, 15_000)
    if (status === 202) return
    if (status >= 400 && status < 500) throw new Error(`An upload was answered ${status}.`)
    client.counts.retries += 1
    await wait(waitMs * (0.5 + client.random()))
  }
}

/** @returns the status, 0 when there was no answer */
const post = async (upload: PlannedUpload, client: Client, timeoutMs: number): Promise<number> => {
  client.counts.requests += 1
  const { body } = upload
  const { status } = await ask(client.url, { method: 'POST', body, timeoutMs })
  client.counts.statuses[status] = (client.counts.statuses[status] ?? 0) + 1
  return status
}
