import type { Mutex } from '../../base/mutex'
import type { Bindings } from '../../config/deployment'
import type { Outcome } from '../../delivery'
import { isTarget, type Target, type WaitingLane } from '../../outputs/target'
import type { IntegrationContact } from '../integration/integration-contact'
import type { OutboxStore } from '../store/store'
import { drainFile } from './drain-files'
import { MessageDrain } from './drain-messages'
import type { OutputHealth } from './health'
import { measured } from './measured'
import { PoisonDeliveries } from './poison-deliveries'
import { dependsOnConnection, isHolding, laneDueMs, mayAttempt } from './schedule'
import type { Candidate, TargetCache } from './target'

// One run of the alarm; the next one follows at once, with a fresh limit of wall time.
const runMs = 60_000

interface Parts {
  env: Bindings
  store: OutboxStore
  health: OutputHealth
  contact: IntegrationContact
  targets: TargetCache
  /** Attempts, and whatever else must not change rows during one. */
  mutex: Mutex
}

/** One run: the connection and its opened target. */
interface Run {
  candidate: Candidate
  target: Target
  startedMs: number
  /** Whether queues also get what is not due yet. */
  isForced: boolean
}

/** Delivers what waits in an outbox, run by run. */
export class Drain {
  readonly #poison: PoisonDeliveries
  #messages: MessageDrain | undefined
  #isStopped = false

  constructor(private readonly parts: Parts) {
    this.#poison = new PoisonDeliveries(parts.health.current.poison)
  }

  /** Stores the progress of partly sent segments, before others change their rows. */
  flush(): void {
    this.#messages?.flush()
  }

  /** The rows were deleted: sends and stores nothing more of them. */
  stop(): void {
    this.#isStopped = true
    this.#messages?.stop()
  }

  /** Delivers what is due, and with `isForced` also what is not, until an attempt fails. */
  run(connection: string, isForced: boolean): Promise<void> {
    return measured(this.parts, connection, () => this.#run(connection, isForced))
  }

  async #run(connection: string, isForced: boolean): Promise<void> {
    const { store, health, targets } = this.parts
    const startedMs = Date.now()
    store.expireDead(startedMs)
    const candidate = await targets.candidate(connection)
    if (!candidate) return
    const target = await targets.open(candidate)
    if (isTarget(target)) this.#expire(target, startedMs)
    if (!mayAttempt(health.current, startedMs)) return
    if (isTarget(target)) return this.#deliver({ candidate, target, startedMs, isForced })
    if (dependsOnConnection({ store, health: health.current })) health.record([target])
  }

  async #deliver(run: Run): Promise<void> {
    const { store, health } = this.parts
    if (!(await this.#contact(run)) || !isHolding(store)) return
    try {
      await this.#send(run)
    } finally {
      this.flush()
      this.#messages = undefined
    }
    if (health.attempts === 0) await this.#contact(run)
  }

  /** Contacts an integration. @returns whether deliveries may be sent */
  async #contact({ target, candidate }: Run): Promise<boolean> {
    const { mutex, contact, health, store } = this.parts
    if (health.isSuspended) return false
    if (!target.needsContact) return true
    const outcomes = await mutex.run(async () =>
      this.#isStopped ? [] : contact.send(target, { candidate, isHolding: isHolding(store) })
    )
    if (this.#isStopped) return false
    if (outcomes.length > 0) health.record(outcomes)
    return !outcomes.some(({ kind }) => kind === 'retry') && !health.isSuspended
  }

  async #send(run: Run): Promise<void> {
    const { health, mutex } = this.parts
    this.#messages = await this.#messagesTo(run.target)
    while (Date.now() - run.startedMs < runMs && !health.isSuspended) {
      const outcomes = await mutex.run(() => this.#step(run))
      if (outcomes.length === 0 || this.#isStopped) break
      health.record(outcomes, this.#poison.stored)
      if (health.attempts > 0) break
    }
  }

  async #step({ candidate, target, isForced }: Run): Promise<Outcome[]> {
    if (this.#isStopped) return []
    const isDue = (lane: WaitingLane): boolean => laneDueMs(candidate, lane) <= Date.now()
    if (target.isQueue) {
      const isProbe = this.parts.health.attempts > 0
      return this.#messages?.step({ isProbe, isDue: isForced ? () => true : isDue }) ?? []
    }
    const isStopped = () => this.#isStopped
    const outcome = await drainFile(this.parts.store, target, { isDue, isStopped })
    return outcome ? [outcome] : []
  }

  async #messagesTo(target: Target): Promise<MessageDrain | undefined> {
    if (!target.isQueue) return undefined
    const { store, contact } = this.parts
    const sender = target.needsContact
      ? target.sender(await contact.subscriptions.settings(target.integration))
      : target
    return new MessageDrain(store, sender, this.#poison)
  }

  #expire({ retention_hours }: Target, nowMs: number): void {
    const { store } = this.parts
    const oldestMs = nowMs - retention_hours * 3_600_000
    const reason = `It was not delivered within ${retention_hours} hours.`
    store.segmentsDead(store.segments.openedBefore(oldestMs), reason, nowMs)
  }
}
