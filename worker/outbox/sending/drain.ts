import type { Mutex } from '../../base/mutex'
import type { Bindings } from '../../config/deployment'
import type { Outcome } from '../../delivery'
import type { Contact } from '../integration/contact'
import type { OutboxStore } from '../store/store'
import type { Condition } from './condition'
import { drainFile } from './drain-files'
import { MessageDrain } from './drain-messages'
import { measured } from './measured'
import { Tries } from './poison-deliveries'
import { queueSender } from './queue-sender'
import { requestSender } from './request-sender'
import { isTarget, type Target } from './target'
import type { OwnTarget } from './target-cache'

// One run of the alarm; the next one follows at once, with a fresh limit of wall time.
const runMs = 60_000

interface Parts {
  env: Bindings
  store: OutboxStore
  condition: Condition
  contact: Contact
  target: OwnTarget
  mutex: Mutex
}

/** Delivers what waits in an outbox, run by run. */
export class Drain {
  readonly #tries: Tries
  #messages: MessageDrain | undefined
  #isStopped = false

  constructor(private readonly parts: Parts) {
    this.#tries = new Tries(parts.condition.health.tries)
  }

  /** Stores how far partly sent segments got, before their rows are changed by others. */
  rest(): void {
    this.#messages?.rest()
  }

  /** Its rows are gone: nothing more is sent of them, or stored. */
  stop(): void {
    this.#isStopped = true
    this.#messages?.stop()
  }

  /** Delivers what is due, and with `isForced` also what is not, until an attempt fails. */
  run(connection: string, isForced: boolean): Promise<void> {
    return measured(this.parts, connection, () => this.#run(connection, isForced))
  }

  async #run(connection: string, isForced: boolean): Promise<void> {
    const { store, condition } = this.parts
    const started = Date.now()
    store.expireDead(started)
    const target = await this.parts.target.open(connection)
    if (!target) return
    if (isTarget(target)) this.#expire(target, started)
    if (condition.isSuspended || condition.health.next_ms > started) return
    if (!isTarget(target)) {
      const isAwaited = this.#isHolding() || condition.health.verified_ms !== undefined
      if (isAwaited) condition.note([target])
      return
    }
    if (!(await this.#keepContact(target)) || !this.#isHolding()) return
    try {
      await this.#send(target, { started, isForced })
    } finally {
      this.rest()
      this.#messages = undefined
    }
    if (condition.health.attempts === 0) await this.#keepContact(target)
  }

  /** @returns whether the output can take what waits */
  async #keepContact(target: Target): Promise<boolean> {
    const { mutex, contact, condition } = this.parts
    if (target.kind !== 'firehose' || condition.isSuspended) return !condition.isSuspended
    const outcomes = await mutex.run(async () =>
      this.#isStopped ? [] : contact.make(target, this.#isHolding())
    )
    if (this.#isStopped) return false
    if (outcomes.length > 0) condition.note(outcomes)
    return !outcomes.some((one) => one.kind === 'retry') && !condition.isSuspended
  }

  async #send(target: Target, run: { started: number; isForced: boolean }): Promise<void> {
    const { condition, mutex } = this.parts
    this.#messages = await this.#messagesTo(target)
    while (Date.now() - run.started < runMs && !condition.isSuspended) {
      const how = { isProbe: condition.health.attempts > 0, isForced: run.isForced }
      const outcomes = await mutex.run(() => this.#step(target, how))
      if (outcomes.length === 0 || this.#isStopped) break
      condition.note(outcomes, this.#tries.stored)
      if (condition.health.attempts > 0) break
    }
  }

  async #step(target: Target, how: { isProbe: boolean; isForced: boolean }): Promise<Outcome[]> {
    if (this.#isStopped) return []
    if (target.kind !== 's3') return this.#messages?.step(how) ?? []
    const outcome = await drainFile(this.parts.store, target, () => this.#isStopped)
    return outcome ? [outcome] : []
  }

  async #messagesTo(target: Target): Promise<MessageDrain | undefined> {
    if (target.kind === 's3') return undefined
    const { store, contact } = this.parts
    const sender =
      target.kind === 'sqs'
        ? queueSender(target)
        : requestSender(
            target.integration,
            await contact.subscriptions.settings(target.integration)
          )
    return new MessageDrain(store, sender, this.#tries)
  }

  // A begun file of which nothing is left is written all the same.
  #isHolding(): boolean {
    const { segments, files } = this.parts.store
    return segments.bytes > 0 || files.list().length > 0
  }

  #expire(target: Target, now: number): void {
    const { store } = this.parts
    const oldest = now - target.retention_hours * 3_600_000
    const reason = `It was not delivered within ${target.retention_hours} hours.`
    store.segmentsDead(store.segments.openedBefore(oldest), reason, now)
  }
}
