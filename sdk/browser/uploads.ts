import type { ClientOptions } from './options'
import { type Batch, bodyOf, type Queue } from './queue'
import { type Body, byteLength, compress, isAccepted, isFinal, post } from './transport'
import { warn } from './warn'

/** Uploads the batches of a queue: when they are due, with retries and backoff. */
export interface Uploads {
  /** Sets the timer of the next upload. Call it whenever an event was added. */
  arm(): void
  /** Sends all waiting events now. Resolves to whether the server has accepted all. */
  flush(): Promise<boolean>
  /**
   * Sends the batches that wait for their time or for a retry. Resolves to whether the server has
   * accepted all.
   */
  start(): Promise<boolean>
  /** Sends at once what fits into the allowance of a page that is being left. */
  leave(): void
}

const FIRST_BACKOFF_MS = 1000
const LONGEST_BACKOFF_MS = 300_000
const LONGEST_LIFE_MS = 30 * 86_400_000
// Browsers allow 65,536 for all scripts of a page together.
const KEEPALIVE_BYTES = 64_000

export const createUploads = (
  queue: Queue,
  url: string,
  options: ClientOptions,
  closed: AbortSignal
): Uploads => {
  const { batchWaitMs = 2000, batchEvents = 50, onUpload, onDrop } = options
  let keepaliveBytes = 0
  let failures = 0
  // The earliest time of the next attempt, by our backoff.
  let retryAtMs = 0
  // The same, by the server's Retry-After.
  let serverAllowsAtMs = 0
  let running: Promise<boolean> | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let timerWaitMs = Infinity

  const finish = (batch: Batch, status: number) => {
    const hook = isAccepted(status)
      ? onUpload
      : (onDrop ?? ((dropped) => warn(`dropped ${status}`, dropped)))
    queue.remove(batch)
    // In a separate task: an error in the page's hook must not stop the uploads.
    if (hook) setTimeout(() => hook(JSON.parse(bodyOf(batch)), status))
  }

  const hasAllowance = (bytes: number) => keepaliveBytes + bytes <= KEEPALIVE_BYTES

  const send = async (batch: Batch, body: Body, isLast: boolean): Promise<number> => {
    const { size } = new Blob([body])
    // A request with keepalive fails like a network error when other scripts have used up the
    // allowance, so a retry does without.
    const isKeepalive = isLast || (hasAllowance(size) && !failures)
    if (isKeepalive) keepaliveBytes += size
    const { status, waitMs } = await post(url, body, isKeepalive, isLast)
    if (isKeepalive) keepaliveBytes -= size
    batch.flight = undefined
    if (isFinal(status)) {
      failures = retryAtMs = serverAllowsAtMs = 0
      finish(batch, status)
    } else {
      const longestMs = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** failures++)
      serverAllowsAtMs = Date.now() + waitMs
      retryAtMs = Math.max(serverAllowsAtMs, Date.now() + Math.random() * longestMs)
    }
    arm()
    return status
  }

  const attempt = async (batch: Batch): Promise<number> => {
    if (Date.now() - batch.openedMs > LONGEST_LIFE_MS) {
      finish(batch, 0)
      // Like a rejected batch: the next batches follow.
      return 400
    }
    const text = bodyOf(batch)
    const body = await compress(text).catch(() => text)
    // Meanwhile `leave` may have sent the batch.
    batch.flight ??= send(batch, body, false)
    return batch.flight
  }

  const mayTry = () => navigator.onLine !== false && Date.now() >= serverAllowsAtMs

  const run = async (): Promise<boolean> => {
    let isAllAccepted = true
    if (!queue.sealed[0]) queue.seal()
    for (let batch = queue.sealed[0]; batch; batch = queue.sealed[0]) {
      const status = mayTry() ? await (batch.flight ?? attempt(batch)) : 0
      if (!isFinal(status)) return false
      isAllAccepted &&= isAccepted(status)
    }
    return isAllAccepted
  }

  const start = (): Promise<boolean> => {
    clearTimeout(timer)
    timerWaitMs = Infinity
    running ??= run().finally(() => {
      running = undefined
      arm()
    })
    return running
  }

  const arm = () => {
    const events = queue.sealed[0] ? Infinity : queue.opened()?.events
    // Back online, the `online` event starts an upload.
    if (running || closed.aborted || !events || navigator.onLine === false) return
    const waitMs = events >= batchEvents ? 0 : batchWaitMs
    // Setting a timer takes longer than everything else that an event needs, so there is one per
    // batch.
    if (waitMs >= timerWaitMs) return
    clearTimeout(timer)
    timerWaitMs = waitMs
    timer = setTimeout(start, Math.max(waitMs, retryAtMs - Date.now()))
  }

  return {
    arm,
    flush: async () => {
      queue.seal()
      let isAllAccepted = true
      while (isAllAccepted && queue.sealed[0]) isAllAccepted = await start()
      return isAllAccepted
    },
    start,
    leave: () => {
      queue.seal()
      if (!mayTry()) return
      for (const batch of queue.sealed) {
        const body = bodyOf(batch)
        if (!batch.flight && hasAllowance(byteLength(body))) batch.flight = send(batch, body, true)
      }
    },
  }
}
