import type { ClientOptions } from './options'
import { type Batch, bodyOf, type Queue } from './queue'
import { type Body, byteLength, isFinal, isTaken, pack, post } from './transport'
import { warn } from './warn'

export interface Uploads {
  /** Sees to it that what waits goes out in time. To be called whenever more waits. */
  arm(): void
  /** Sends everything waiting now. @returns whether the server has taken it all */
  flush(): Promise<boolean>
  /** Sends now what waits for its time or for a retry. @returns whether the server has taken it */
  start(): Promise<boolean>
  /** Sends at once what a page that goes away may send. */
  leave(): void
}

const FIRST_BACKOFF_MS = 1000
const LONGEST_BACKOFF_MS = 300_000
const LONGEST_LIFE_MS = 30 * 86_400_000
// Fetch allows 65,536; other scripts of the page may need some.
const KEEPALIVE_BYTES = 64_000

export const createUploads = (
  queue: Queue,
  url: string,
  options: ClientOptions,
  closed: AbortSignal
): Uploads => {
  const { batchWaitMs = 2000, batchEvents = 50, onUpload, onDrop } = options
  let keptBytes = 0
  let failures = 0
  let retryAtMs = 0
  let serverAtMs = 0
  let running: Promise<boolean> | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let armedMs = Infinity

  const finish = (batch: Batch, status: number) => {
    const tell = isTaken(status)
      ? onUpload
      : (onDrop ?? ((dropped) => warn(`dropped ${status}`, dropped)))
    queue.remove(batch)
    // In a task of its own: what the page's hook throws must not stop the uploads.
    if (tell) setTimeout(() => tell(JSON.parse(bodyOf(batch)), status))
  }

  const mayKeep = (bytes: number) => keptBytes + bytes <= KEEPALIVE_BYTES

  const send = async (batch: Batch, body: Body, isLast: boolean): Promise<number> => {
    const { size } = new Blob([body])
    // A fetch that may outlive its page also fails when other scripts have used up the allowance,
    // which looks like a network error: a retry does without.
    const isKept = isLast || (mayKeep(size) && !failures)
    if (isKept) keptBytes += size
    const { status, waitMs } = await post(url, body, isKept, isLast)
    if (isKept) keptBytes -= size
    batch.flight = undefined
    if (isFinal(status)) {
      failures = retryAtMs = serverAtMs = 0
      finish(batch, status)
    } else {
      const longestMs = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** failures++)
      serverAtMs = Date.now() + waitMs
      retryAtMs = Math.max(serverAtMs, Date.now() + Math.random() * longestMs)
    }
    arm()
    return status
  }

  const attempt = async (batch: Batch): Promise<number> => {
    if (Date.now() - batch.openedMs > LONGEST_LIFE_MS) {
      finish(batch, 0)
      // As if refused: the next go on.
      return 400
    }
    const text = bodyOf(batch)
    const body = await pack(text).catch(() => text)
    // The page may have left meanwhile, and the batch with it.
    batch.flight ??= send(batch, body, false)
    return batch.flight
  }

  const mayTry = () => navigator.onLine !== false && Date.now() >= serverAtMs

  const run = async (): Promise<boolean> => {
    let isAllTaken = true
    if (!queue.sealed[0]) queue.seal()
    for (let batch = queue.sealed[0]; batch; batch = queue.sealed[0]) {
      const status = mayTry() ? await (batch.flight ?? attempt(batch)) : 0
      if (!isFinal(status)) return false
      isAllTaken &&= isTaken(status)
    }
    return isAllTaken
  }

  const start = (): Promise<boolean> => {
    clearTimeout(timer)
    armedMs = Infinity
    running ??= run().finally(() => {
      running = undefined
      arm()
    })
    return running
  }

  const arm = () => {
    const events = queue.sealed[0] ? Infinity : queue.opened()?.events
    // Once online again, an event of the browser starts us.
    if (running || closed.aborted || !events || navigator.onLine === false) return
    const waitMs = events >= batchEvents ? 0 : batchWaitMs
    // Timers cost more than the rest of an event: one per batch.
    if (waitMs >= armedMs) return
    clearTimeout(timer)
    armedMs = waitMs
    timer = setTimeout(start, Math.max(waitMs, retryAtMs - Date.now()))
  }

  return {
    arm,
    flush: async () => {
      queue.seal()
      let isAllTaken = true
      while (isAllTaken && queue.sealed[0]) isAllTaken = await start()
      return isAllTaken
    },
    start,
    leave: () => {
      queue.seal()
      if (!mayTry()) return
      for (const batch of queue.sealed) {
        const body = bodyOf(batch)
        if (!batch.flight && mayKeep(byteLength(body))) batch.flight = send(batch, body, true)
      }
    },
  }
}
