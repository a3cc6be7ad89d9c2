import { DurableObject } from 'cloudflare:workers'
import type { Bindings } from '../config/deployment'
import { leaseMs } from './lease'
import { MinuteCounts, type MinuteRequest } from './minute'
import { grantQuota, type QuotaRequest, type QuotaUse } from './quota'
import { type Counts, type Tally, withCounts } from './tally'
import { type Grant, grant, type RateAnswer, type RateRequest, windowMs } from './window'

// An idle object is evicted after it. Shorter windows have passed by then, and need no storage.
const idleMs = 10_000

/** What is known of an input's limits, and of its use. */
export interface LimitStatus {
  /** When events were last stored, to a minute; undefined: never. */
  last_seen_ms?: number | undefined
  quota?: QuotaUse | undefined
  tally?: Tally | undefined
}

/**
 * How much an input has let in lately, over all isolates. Named by the input's id; those that count
 * by address are named by the input's id and a shard, and store nothing.
 *
 * Stored: `grants`, only where the window is longer than an idle object lives, which is below ten
 * batches a second (an object that dies otherwise forgets at most one burst); `quota`, the events
 * of this day; `tally`, what was dropped, flagged or refused; `seen_ms`.
 */
export class RateLimit extends DurableObject<Bindings> {
  #grants: Grant[]
  readonly #askedMs = new Map<string, number>()
  readonly #minutes = new MinuteCounts()

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env)
    this.#grants = ctx.storage.kv.get<Grant[]>('grants') ?? []
  }

  ask(isolate: string, request: RateRequest): RateAnswer {
    const now = Date.now()
    const { grants, answer } = grant(this.#grants, request, { now, isolates: this.#meet(isolate) })
    this.#grants = grants
    const isLong = windowMs(request.per_second) > idleMs
    if (isLong && answer.granted > 0) this.ctx.storage.kv.put('grants', grants)
    return answer
  }

  /** @returns how many more requests under this name the asker may let in in this minute */
  askMinute(name: string, request: MinuteRequest): number {
    return this.#minutes.take(name, request)
  }

  /** @returns how many events the asker may let in on this day: those it asked for or more, or none */
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

  /** Its input has sent something. */
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

  // Isolates that have asked within two leases.
  #meet(isolate: string): number {
    const now = Date.now()
    this.#askedMs.set(isolate, now)
    for (const [name, at] of this.#askedMs) {
      if (at < now - 2 * leaseMs) this.#askedMs.delete(name)
    }
    return this.#askedMs.size
  }
}
