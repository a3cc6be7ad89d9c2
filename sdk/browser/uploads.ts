import type { ClientOptions } from './options'
import type { Queue } from './queue'
import type { Batch, Records } from './records'
import { type Body, type Outcome, pack, plain, post, postLast } from './transport'
import { warn } from './warn'

export interface Uploads {
  /** Sees to it that what waits goes out in time. To be called whenever more waits. */
  arm(): void
  /** Sends everything waiting now. @returns whether the server has taken it all */
  flush(): Promise<boolean>
  /** Tries again now what waits for a retry. */
  retry(): void
  /** Sends at once what a page that goes away may send. */
  leave(): void
  stop(): void
}

const FIRST_BACKOFF_MS = 1000
const LONGEST_BACKOFF_MS = 300_000
const LONGEST_LIFE_MS = 30 * 86_400_000
// Fetch allows 65,536; other scripts of the page may need some.
const KEEPALIVE_BYTES = 64_000

export const createUploads = (queue: Queue, records: Records, options: ClientOptions): Uploads => {
  const { key, endpoint = location.origin, batchWaitMs = 2000, batchEvents = 50 } = options
  const url = `${endpoint.replace(/\/$/, '')}/webevents/v3/JS/${encodeURIComponent(key)}/events`
  const onDrop =
    options.onDrop ??
    ((batch, status) => warn(`a batch was given up (${status})`, batch.source_request_id))

  const flights = new Map<Batch, Promise<Outcome>>()
  let flyingBytes = 0
  let failures = 0
  let retryAtMs = 0
  let serverAtMs = 0
  let isStopped = false
  let running: Promise<boolean> | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let armedForMs: number | undefined

  const drop = (batch: Batch, status: number) => {
    const text = records.body(batch, Date.now())
    queue.remove(batch)
    // In a task of its own: what the page's hook throws must not stop the uploads.
    if (text) setTimeout(() => onDrop(JSON.parse(text), status))
  }

  const settle = (batch: Batch, outcome: Outcome) => {
    if (outcome.kind === 'retry') {
      const longestMs = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** failures++)
      serverAtMs = Date.now() + outcome.afterMs
      retryAtMs = Math.max(serverAtMs, Date.now() + Math.random() * longestMs)
      return
    }
    failures = retryAtMs = serverAtMs = 0
    if (outcome.kind === 'reject') drop(batch, outcome.status)
    else queue.remove(batch)
  }

  const send = (batch: Batch, body: Body, isLast: boolean): Promise<Outcome> => {
    // A fetch that may outlive its page also fails when other scripts have used up the allowance,
    // which looks like a network error: every other retry does without.
    const isKept = isLast || (failures % 2 === 0 && flyingBytes + body.bytes <= KEEPALIVE_BYTES)
    const size = isKept ? body.bytes : 0
    flyingBytes += size
    const flight = (isLast ? postLast(url, body) : post(url, body, isKept)).then((outcome) => {
      flights.delete(batch)
      flyingBytes -= size
      settle(batch, outcome)
      arm()
      return outcome
    })
    flights.set(batch, flight)
    return flight
  }

  const attempt = async (batch: Batch): Promise<Outcome> => {
    const nowMs = Date.now()
    const text = records.body(batch, nowMs)
    if (!text || nowMs - batch.openedMs > LONGEST_LIFE_MS) {
      drop(batch, 0)
      return text ? { kind: 'reject', status: 0 } : { kind: 'delivered' }
    }
    const body = await pack(text).catch(() => plain(text))
    // The page may have left meanwhile, and the batch with it.
    return flights.get(batch) ?? send(batch, body, false)
  }

  const mayTry = () => navigator.onLine !== false && Date.now() >= serverAtMs

  const isDue = (batch: Batch) =>
    batch.events.length >= batchEvents ||
    // Absolute, lest a clock that is set back stretch the wait.
    Math.abs(Date.now() - batch.openedMs) >= batchWaitMs

  const next = (): Batch | undefined => {
    const open = queue.opened()
    if (!queue.sealed().length && open && isDue(open)) queue.seal()
    return queue.sealed()[0]
  }

  const run = async (): Promise<boolean> => {
    let isTaken = true
    for (let batch = next(); batch; batch = next()) {
      if (!mayTry()) return false
      const { kind } = await (flights.get(batch) ?? attempt(batch))
      if (kind === 'retry') return false
      if (kind === 'reject') isTaken = false
    }
    return isTaken
  }

  const disarm = () => {
    clearTimeout(timer)
    armedForMs = undefined
  }

  const start = (): Promise<boolean> => {
    disarm()
    running ??= run().finally(() => {
      running = undefined
      arm()
    })
    return running
  }

  const arm = () => {
    // Once online again, an event of the browser starts us.
    if (running || isStopped || navigator.onLine === false) return
    const open = queue.opened()
    if (!open && !queue.sealed().length) return
    const atMs =
      queue.sealed().length || !open || isDue(open)
        ? retryAtMs
        : Math.max(retryAtMs, open.openedMs + batchWaitMs)
    // Timers cost more than the rest of an event: one per batch.
    if (atMs === armedForMs) return
    disarm()
    armedForMs = atMs
    // Browsers take a delay modulo 2^32: one far in the past would be one far in the future.
    timer = setTimeout(start, Math.max(0, atMs - Date.now()))
  }

  const leave = () => {
    queue.seal()
    if (!mayTry()) return
    for (const batch of queue.sealed()) {
      const text = flights.has(batch) ? undefined : records.body(batch, Date.now())
      const body = text && plain(text)
      if (body && flyingBytes + body.bytes <= KEEPALIVE_BYTES) void send(batch, body, true)
    }
  }

  const flush = async (): Promise<boolean> => {
    queue.seal()
    let isTaken = true
    while (isTaken && queue.sealed().length) isTaken = await start()
    return isTaken
  }

  return {
    arm,
    flush,
    retry: () => void start(),
    leave,
    stop: () => {
      isStopped = true
      disarm()
    },
  }
}
