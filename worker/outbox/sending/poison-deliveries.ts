import type { Outcome } from '../../delivery'
import type { QueuedDelivery } from '../../outputs/target'

const mostFailures = 10
const rememberedDeliveries = 10_000
const storedDeliveries = 50

/** A delivery that failed at least once. */
interface Failing {
  id: string
  failures: number
  /** How many deliveries had been delivered when it failed first. */
  delivered: number
}

/** As it is stored with the health of the outbox. */
export interface StoredFailures {
  delivered: number
  failing: Failing[]
}

/**
 * Finds poison deliveries: a delivery that fails again and again while others are delivered is
 * rejected, and others are sent before it meanwhile. While nothing is delivered, the output is down,
 * and failures prove nothing about a delivery.
 */
export class PoisonDeliveries {
  readonly #failing = new Map<string, Failing>()
  #delivered = 0

  constructor(stored: StoredFailures | undefined) {
    this.#delivered = stored?.delivered ?? 0
    for (const delivery of stored?.failing ?? []) this.#failing.set(delivery.id, delivery)
  }

  /** What is worth storing, the most failures first; undefined while nothing fails. */
  get stored(): StoredFailures | undefined {
    if (this.#failing.size === 0) return undefined
    const failing = [...this.#failing.values()].toSorted((a, b) => b.failures - a.failures)
    return { delivered: this.#delivered, failing: failing.slice(0, storedDeliveries) }
  }

  /** How often a delivery has failed. */
  failures({ id }: QueuedDelivery): number {
    return this.#failing.get(id)?.failures ?? 0
  }

  /**
   * The outcome of an attempt, where a retry of a poison delivery becomes a reject.
   *
   * @param together how many deliveries the request held, any of which may have made it fail
   */
  judge(
    delivery: QueuedDelivery,
    outcome: Outcome | undefined,
    together: number
  ): Outcome | undefined {
    const { id } = delivery
    if (outcome?.kind !== 'retry') {
      this.#failing.delete(id)
      if (outcome?.kind === 'delivered') this.#delivered += 1
      return outcome
    }
    if (!outcome.limited) return outcome
    const failures = this.failures(delivery) + 1
    const delivered = this.#failing.get(id)?.delivered ?? this.#delivered
    if (failures >= mostFailures && together === 1 && this.#delivered > delivered) {
      this.#failing.delete(id)
      const reason = `It failed ${failures} times while others were delivered: ${outcome.reason}`
      return { kind: 'reject', reason }
    }
    if (this.#failing.size >= rememberedDeliveries) this.#failing.clear()
    this.#failing.set(id, { id, failures, delivered })
    return outcome
  }

  /** Puts profiles without failures first. The deliveries of each profile keep their order. */
  fewestFailuresFirst<T extends QueuedDelivery>(deliveries: T[]): T[] {
    if (this.#failing.size === 0) return deliveries
    const failures = new Map<string, number>()
    for (const delivery of deliveries) {
      const { mpid } = delivery
      failures.set(mpid, Math.max(failures.get(mpid) ?? 0, this.failures(delivery)))
    }
    return deliveries.toSorted((a, b) => (failures.get(a.mpid) ?? 0) - (failures.get(b.mpid) ?? 0))
  }
}
