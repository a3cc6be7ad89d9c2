import { DurableObject } from 'cloudflare:workers'
import type { Bindings } from '../config/deployment'
import { leaseMs } from './lease'
import { type Grant, grant, type RateAnswer, type RateRequest, windowMs } from './window'

// An idle object is evicted after it. Shorter windows have passed by then, and need no storage.
const idleMs = 10_000

/**
 * How many batches an input has let in lately, over all isolates. Named by the input's id.
 *
 * Stored: `grants`, only where the window is longer than an idle object lives, which is below ten
 * batches a second. An object that dies otherwise forgets at most one burst.
 */
export class RateLimit extends DurableObject<Bindings> {
  #grants: Grant[]
  readonly #askedMs = new Map<string, number>()

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
