import { DurableObject } from 'cloudflare:workers'
import type { Bindings } from '../config/deployment'
import { leaseMs } from './lease'
import { MinuteCounts, type MinuteRequest } from './minute'
import { grantQuota, type QuotaRequest, type QuotaUse } from './quota'
import { type Counts, type Tally, withCounts } from './tally'
import { type Grant, grant, type RateAnswer, type RateRequest, windowMs } from './window'

// An idle object is evicted after 10 s. Shorter windows are over by then and need not be stored.
const evictionMs = 10_000

/** The use of an input's limits. */
export interface LimitStatus {
  /** When events were last stored, to the minute; undefined: never. */
  last_seen_ms?: number | undefined
  quota?: QuotaUse | undefined
  tally?: Tally | undefined
}

/**
 * Counts for the limits of one input over all isolates. Named by the input's id; objects that count
 * requests by address are named by the input's id and a shard, and store nothing.
 *
 * Stored: `grants`, only below ten batches a second, where the window is longer than an idle object
 * lives (with higher limits, a lost object forgets at most one burst); `quota`, the events of this
 * day; `tally`, what was dropped, flagged or refused; `seen_ms`.
 */
export class RateLimit extends DurableObject<Bindings> {
  #grants: Grant[]
  readonly #askedMsByIsolate = new Map<string, number>()
  readonly #minutes = new MinuteCounts()

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env)
    this.#grants = ctx.storage.kv.get<Grant[]>('grants') ?? []
  }

  ask(isolate: string, request: RateRequest): RateAnswer {
    const now = Date.now()
    const isolates = this.#countIsolates(isolate, now)
    const { grants, answer } = grant(this.#grants, request, { now, isolates })
    this.#grants = grants
    const outlivesObject = windowMs(request.per_second) > evictionMs
    if (outlivesObject && answer.granted > 0) this.ctx.storage.kv.put('grants', grants)
    return answer
  }

  /** @returns how many requests of this minute are granted under this name */
  askMinute(name: string, request: MinuteRequest): number {
    return this.#minutes.count(name, request)
  }

  /** @returns how many events of this day are granted: the requested ones or more, or 0 */
  askQuota(request: QuotaRequest): number {
    const { kv } = this.ctx.storage
    const { use, granted } = grantQuota(kv.get<QuotaUse>('quota'), request)
    if (granted > 0) kv.put('quota', use)
    return granted
  }

  count(counts: Counts): void {
    const { kv } = this.ctx.storage
    kv.put('tally', withCounts(kv.get<Tally>('tally'), counts, Date.now()))
  }

  /** Records that the input received events. */
  seen(): void {
    this.ctx.storage.kv.put('seen_ms', Date.now())
  }

  status(): LimitStatus {
    const { kv } = this.ctx.storage
    return {
      last_seen_ms: kv.get<number>('seen_ms'),
      quota: kv.get<QuotaUse>('quota'),
      tally: kv.get<Tally>('tally'),
    }
  }

  // Isolates that asked within the time of two leases share what is free.
  #countIsolates(isolate: string, now: number): number {
    this.#askedMsByIsolate.set(isolate, now)
    for (const [id, askedMs] of this.#askedMsByIsolate) {
      if (askedMs < now - 2 * leaseMs) this.#askedMsByIsolate.delete(id)
    }
    return this.#askedMsByIsolate.size
  }
}
