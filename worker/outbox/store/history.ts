const bucketMs = 300_000
const retentionMs = 86_400_000

const fields = ['delivered', 'requests', 'failed', 'dead'] as const

/** What an outbox did in five minutes. */
export interface HistoryCounts {
  /** Events delivered. */
  delivered: number
  /** Requests that delivered them, as the totals count them. */
  requests: number
  /** Deliveries that failed and are tried again: each message of a request, a file once. */
  failed: number
  /** Events that became dead letters. */
  dead: number
}

export interface HistoryBucket extends HistoryCounts {
  /** When the five minutes began. */
  at_ms: number
}

/** The number of the five minutes, then the counts. */
type Stored = [number, number, number, number, number]

const isStored = (value: unknown): value is Stored =>
  Array.isArray(value) &&
  value.length === 1 + fields.length &&
  value.every((one) => typeof one === 'number')

/**
 * What an outbox did in the last 24 hours, by five minutes: at most 289 entries, some 8 KB. They are
 * part of the JSON of the totals, so that they cost no row. Counts since that was written last are
 * lost when the object dies.
 */
export class History {
  readonly #buckets: Stored[]

  constructor(stored: unknown) {
    this.#buckets = Array.isArray(stored) ? stored.filter(isStored) : []
  }

  note(nowMs: number, counts: Partial<HistoryCounts>): void {
    if (fields.every((name) => !counts[name])) return
    const bucket = this.#bucketAt(Math.floor(nowMs / bucketMs))
    for (const [i, name] of fields.entries()) {
      bucket[i + 1] = (bucket[i + 1] ?? 0) + (counts[name] ?? 0)
    }
  }

  #bucketAt(number: number): number[] {
    const last = this.#buckets.at(-1)
    // After the clock was set back, counts go to the newest bucket.
    if (last && last[0] >= number) return last
    const added: Stored = [number, 0, 0, 0, 0]
    this.#buckets.push(added)
    const oldest = number - retentionMs / bucketMs
    while ((this.#buckets[0]?.[0] ?? number) < oldest) this.#buckets.shift()
    return added
  }

  /** The five minutes that are not empty, oldest first. */
  since(fromMs: number): HistoryBucket[] {
    return this.#buckets
      .filter(([number]) => (number + 1) * bucketMs > fromMs)
      .map(([number, delivered, requests, failed, dead]) => ({
        at_ms: number * bucketMs,
        delivered,
        requests,
        failed,
        dead,
      }))
  }

  toJSON(): Stored[] {
    return this.#buckets
  }
}

/** The last 24 hours of several outboxes as one. */
export const mergeHistories = (all: HistoryBucket[][]): HistoryBucket[] => {
  const byTime = new Map<number, HistoryBucket>()
  for (const bucket of all.flat()) {
    const sum = byTime.get(bucket.at_ms)
    if (!sum) byTime.set(bucket.at_ms, { ...bucket })
    else for (const name of fields) sum[name] += bucket[name]
  }
  return [...byTime.values()].sort((a, b) => a.at_ms - b.at_ms)
}

export const historyBucketMs = bucketMs
export const historyMs = retentionMs
