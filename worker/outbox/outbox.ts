import { DurableObject } from 'cloudflare:workers'
import { Mutex } from '../base/mutex'
import { type Bindings, numberVariable } from '../config/deployment'
import type { SealedUnder } from '../config/seal'
import type { EnqueueAnswer, HandOff, Outcome } from '../delivery'
import { verifyIntegration } from '../outputs/firehose/verification'
import type { Registered } from '../outputs/kind'
import { isTarget } from '../outputs/target'
import { Alerting } from './alerting'
import { IntegrationContact } from './integration/integration-contact'
import { registerOutput } from './integration/registration'
import { Alarm, succeeds } from './sending/alarm'
import { Drain } from './sending/drain'
import { OutputHealth } from './sending/health'
import { afterFaultMs, dependsOnConnection, nextAlarmMs } from './sending/schedule'
import { type Candidate, openTarget, TargetCache } from './sending/target'
import { suspendOthers } from './shards'
import { type OutboxStatus, statusOf } from './status'
import { commitAll } from './store/commit'
import type { DeadLetter } from './store/dead-letters'
import { type ErasedUser, ErasedUsers } from './store/erased-users'
import { type ErasedDeliveries, Erasure, eraseLetters } from './store/erasure'
import { GroupCommit, handOffChars } from './store/group-commit'
import { type HistoryBucket, historyMs } from './store/history'
import { OutboxStore } from './store/store'

const defaultMaxBytes = 5_000_000_000

/** What works on the rows of an outbox. Made anew when all rows were deleted. */
interface Parts {
  store: OutboxStore
  health: OutputHealth
  contact: IntegrationContact
  drain: Drain
  alerting: Alerting
}

/**
 * The deliveries of one connection (and shard) on their way to its output. Its name is
 * `CONNECTION/SHARD`; its alarm is set to the next thing to do (`sending/schedule.ts`). It stores:
 *
 * | Table | Rows |
 * |---|---|
 * | `meta` | one: its name, the totals and 24 hours of history (`Totals`, `History`), and the health of its output (`Health`) |
 * | `segments` | deliveries that wait, many in a row, with the ledger of the hand-offs they came in (`Segments`) |
 * | `files` | files whose key is chosen: the key, and which segments they hold (`PlannedFiles`) |
 * | `dead` | dead letters, for 30 days (`DeadLetters`) |
 * | `taken` | the ids of hand-offs of the last 72 hours, to recognize repeats (`Deduplication`) |
 * | `subscriptions` | the audiences that are subscribed at an integration (`Subscriptions`) |
 */
export class Outbox extends DurableObject<Bindings> {
  #parts: Parts
  #name: string | undefined
  #isDraining = false
  #wakes = 0
  #isForced = false
  readonly #alarm = new Alarm(this.ctx.storage)
  readonly #commits = new GroupCommit((handOffs) => this.#commit(handOffs))
  readonly #targets = new TargetCache(this.env, (promise) => this.ctx.waitUntil(promise))
  // Attempts, and whatever else must not change rows during one.
  readonly #mutex = new Mutex()
  readonly #erasedUsers = new ErasedUsers()

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env)
    this.#parts = this.#makeParts()
    this.#name = this.#parts.store.name()
    ctx.blockConcurrencyWhile(() => this.#alarm.load())
  }

  #makeParts(): Parts {
    const env = this.env
    const targets = this.#targets
    const mutex = this.#mutex
    const name = () => this.#name
    const store = new OutboxStore(this.ctx.storage)
    const health = new OutputHealth(store, name)
    const contact = new IntegrationContact(this.ctx.storage.sql, health, { env, name })
    const drain = new Drain({ env, store, health, contact, targets, mutex })
    const alerting = new Alerting({
      ...{ env, store, health, targets, name },
      waitUntil: (promise) => this.ctx.waitUntil(promise),
      arm: () => this.#arm(),
    })
    return { store, health, contact, drain, alerting }
  }

  /** Stores a hand-off once, however often it is repeated; returns after the commit. */
  async enqueue(name: string, handOff: HandOff): Promise<EnqueueAnswer> {
    this.#name = name
    this.#targets.sawVersion(handOff.version)
    const { store } = this.#parts
    // First, since to a profile a refusal proves that no earlier attempt was stored.
    if (store.has(handOff)) return { taken: true }
    const held = store.segments.bytes + this.#commits.chars
    const maxBytes = numberVariable(this.env.OUTBOX_MAX_BYTES, defaultMaxBytes)
    // An empty outbox takes any size, or a large hand-off would be refused forever.
    const isFull = held > 0 && held + handOffChars(handOff) > maxBytes
    if (isFull) return { taken: false, reason: 'full' }
    return this.#commits.add(handOff)
  }

  async #commit(handOffs: HandOff[]): Promise<EnqueueAnswer[]> {
    const wanted = handOffs.filter((handOff) => !this.#erasedUsers.had(handOff))
    const answers = commitAll(this.#parts.store, this.#name ?? '', wanted)
    await this.#arm()
    await this.ctx.storage.sync()
    return handOffs.map((handOff) => answers.get(handOff) ?? { taken: true })
  }

  override async alarm(): Promise<void> {
    this.#alarm.clear()
    if (this.#isDraining) return
    this.#isDraining = true
    const isDrained = await succeeds(this.#name, () => this.#drain())
    this.#isDraining = false
    await succeeds(this.#name, () => this.#parts.alerting.check(this.#connection))
    const isArmed = isDrained && (await succeeds(this.#name, () => this.#arm()))
    if (!isArmed) await this.#alarm.setAtLatest(Date.now() + afterFaultMs)
  }

  async #drain(): Promise<void> {
    const [wakes, isForced] = [this.#wakes, this.#isForced]
    const wasSuspended = this.#parts.health.isSuspended
    this.#isForced = false
    await this.#parts.drain.run(this.#connection, isForced)
    // After the run: `discardAll` replaces the parts.
    const { health } = this.#parts
    if (!wasSuspended && health.isSuspended) {
      const suspended = { name: this.#name ?? '', reason: health.current.last_error?.reason ?? '' }
      const connection = await this.#targets.candidate(this.#connection)
      if (connection) await suspendOthers(this.env, connection, suspended)
    }
    // An attempt that began before its owner fixed the settings may have failed because of them.
    if (this.#wakes > wakes) health.endBackoff()
  }

  /** Sends nothing more until it is resumed. */
  suspend(name: string, reason: string): void {
    this.#name = name
    this.#parts.store.open(name)
    this.#parts.health.suspend(reason)
  }

  get #connection(): string {
    return this.#name?.split('/')[0] ?? ''
  }

  get #waiting() {
    const { store, health } = this.#parts
    return { store, health: health.current }
  }

  /** Sets the alarm, unless a drain runs, which does so at its end. */
  async #arm(): Promise<void> {
    if (this.#isDraining) return
    const candidate = dependsOnConnection(this.#waiting)
      ? await this.#targets.candidate(this.#connection)
      : undefined
    const how = { nowMs: Date.now(), isForced: this.#isForced }
    const next = nextAlarmMs(this.#waiting, candidate, how)
    const due = await this.#parts.alerting.dueMs(this.#connection, next)
    if (due !== undefined && !this.#isDraining) await this.#alarm.setAtLatest(due)
  }

  async status(): Promise<OutboxStatus> {
    // Re-arms an alarm that the platform dropped after its retries.
    await this.#arm()
    const isPaused =
      this.#name !== undefined && (await this.#targets.candidate(this.#connection)) === undefined
    return statusOf({ ...this.#waiting, alarmMs: this.#alarm.atMs, isPaused })
  }

  /** What it did in the last 24 hours, by five minutes. */
  history(): HistoryBucket[] {
    return this.#parts.store.history.since(Date.now() - historyMs)
  }

  /** Retries now, ignoring backoff: settings were fixed in `version` or earlier. */
  async wake(version = 0): Promise<void> {
    this.#targets.sawVersion(version)
    this.#wakes += 1
    this.#isForced = dependsOnConnection(this.#waiting)
    this.#parts.health.endBackoff()
    await this.#arm()
  }

  /** Contacts an integration from now on, also while nothing waits. */
  async startContact(name: string, version: number): Promise<void> {
    this.#name = name
    this.#targets.sawVersion(version)
    const { store, health } = this.#parts
    store.open(name)
    if (health.current.verified_ms === undefined) health.setVerified(Date.now())
    await this.wake(version)
  }

  /** Unsubscribes the audiences of a connection that was deleted. */
  async unsubscribeAudiences(candidate: Candidate): Promise<void> {
    const target = await openTarget(candidate, this.env)
    if (!isTarget(target) || !target.needsContact) return
    await this.#mutex.run(() => this.#parts.contact.unsubscribe(target))
  }

  /** Counts the sealed settings of subscriptions by their key, after resealing them if rotating. */
  countSeals(isRotating: boolean): Promise<Record<SealedUnder, number>> {
    const { subscriptions } = this.#parts.contact
    return this.#mutex.run(() => subscriptions.countSeals(isRotating))
  }

  /** Resumes a suspended connection, if its integration answers a verification. */
  async resume(version: number): Promise<Outcome> {
    this.#targets.sawVersion(version)
    const candidate = await this.#targets.candidate(this.#connection)
    const target = candidate && (await this.#targets.open(candidate))
    if (target && !isTarget(target)) return target
    if (target?.needsContact) {
      const outcome = await verifyIntegration(target.integration)
      if (outcome.kind !== 'delivered') return outcome
    }
    this.#parts.health.resume()
    await this.wake(version)
    return { kind: 'delivered' }
  }

  /** Asks an integration what it is, before it is saved. Stores nothing. */
  register(output: Candidate['output']): Promise<Registered> {
    return registerOutput(output, this.env)
  }

  deadLetters(limit: number, before: number): DeadLetter[] {
    return this.#parts.store.dead.list(limit, before)
  }

  /** The newest dead letters' ids. */
  deadLetterIds(limit: number): number[] {
    return this.#parts.store.dead.ids(limit)
  }

  /** Enqueues dead letters again. @returns how many of the ids there were */
  async replay(ids: number[]): Promise<number> {
    try {
      return await this.#mutex.run(async () => {
        const { store } = this.#parts
        // The erasure of a user may still wait for the mutex.
        eraseLetters(store, this.ctx.storage.sql, { ids, erasedUsers: this.#erasedUsers })
        return ids.filter((id) => store.replay(id, Date.now())).length
      })
    } finally {
      await this.wake()
    }
  }

  /** Deletes dead letters for good. @returns how many of the ids there were */
  discard(ids: number[]): number {
    return ids.filter((id) => this.#parts.store.discard(id)).length
  }

  /**
   * Deletes what waits for users, and their dead letters, after attempts that are under way: what
   * these deliver stays delivered. The ledger counts it as filtered by `erasure`.
   */
  async erase(users: ErasedUser[]): Promise<Record<string, ErasedDeliveries>> {
    this.#erasedUsers.add(users, Date.now())
    const { store, drain } = this.#parts
    const mpids = users.map(({ mpid }) => mpid)
    const erasure = new Erasure(store, this.ctx.storage.sql, mpids)
    const erased = await this.#mutex.run(() => {
      drain.flush()
      return erasure.run()
    })
    await this.ctx.storage.sync()
    return erased
  }

  /** Tries settings out before they are saved. Stores nothing. */
  async check(candidate: Candidate & { isThorough?: boolean }): Promise<Outcome> {
    const target = await openTarget(candidate, this.env)
    if (!isTarget(target)) return target
    return target.verify({ nowMs: Date.now(), isThorough: candidate.isThorough ?? false })
  }

  /** Deletes everything, since the connection is deleted. Unless forced, only if nothing is held. */
  async discardAll(isForced: boolean): Promise<void> {
    const { store, drain } = this.#parts
    const isEmpty = store.segments.bytes === 0 && store.dead.count().letters === 0
    if (!isForced && !isEmpty) return
    drain.stop()
    await this.#alarm.delete()
    await this.ctx.storage.deleteAll()
    // An alarm that was set meanwhile is deleted, too.
    this.#alarm.clear()
    this.#parts = this.#makeParts()
    this.#targets.forget()
  }
}
