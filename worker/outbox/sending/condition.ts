import type { Outcome } from '../../delivery'
import type { OutboxStore } from '../store/store'
import { afterOutcomes, type Health, healthy, isHealth, logHealth } from './health'

/** An outbox's health, in memory and in its row. */
export class Condition {
  #health: Health

  constructor(
    private readonly store: OutboxStore,
    private readonly name: () => string | undefined
  ) {
    const stored = store.health()
    this.#health = isHealth(stored) ? stored : healthy
  }

  get health(): Health {
    return this.#health
  }

  get isSuspended(): boolean {
    return this.#health.state === 'suspended'
  }

  /** @param tries what else is to be remembered of the attempts */
  note(outcomes: Outcome[], tries = this.#health.tries): void {
    const { tries: known, ...rest } = this.#health
    const before = tries === known ? this.#health : { ...rest, ...(tries ? { tries } : {}) }
    const now = Date.now()
    this.store.history.note(now, { failed: outcomes.filter((one) => one.kind === 'retry').length })
    this.#save(afterOutcomes(before, outcomes, { ms: now, random: Math.random() }))
    if (this.#health.state !== rest.state) logHealth(this.name(), this.#health)
  }

  forgetBackoff(): void {
    this.#save(this.#health.next_ms === 0 ? this.#health : { ...this.#health, next_ms: 0 })
  }

  verified(nowMs: number): void {
    this.#save({ ...this.#health, verified_ms: nowMs })
  }

  /** Stores what alerts were told; undefined: nothing. */
  saveAlerts(alerts: Health['alerts']): void {
    const { alerts: before, ...health } = this.#health
    if (JSON.stringify(before) === JSON.stringify(alerts)) return
    this.#save(alerts ? { ...health, alerts } : health)
  }

  /** Another shard of the connection was told that nothing more is wanted. */
  suspend(reason: string): void {
    if (this.isSuspended) return
    const now = Date.now()
    const last_error = { at_ms: now, reason }
    this.#save({ ...this.#health, state: 'suspended', since_ms: now, last_error })
  }

  resume(): void {
    this.#save({ ...this.#health, ...healthy, faults: 0 })
    logHealth(this.name(), this.#health)
  }

  #save(health: Health): void {
    if (health === this.#health) return
    this.#health = health
    this.store.saveHealth(health)
  }
}
