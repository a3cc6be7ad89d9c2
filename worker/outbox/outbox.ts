import { DurableObject } from 'cloudflare:workers'
import { failure, log } from '../base/log'
import { Mutex } from '../base/mutex'
import { reasonClass } from '../base/reason'
import { type Bindings, numberVariable } from '../config/deployment'
import type { SealedUnder } from '../config/seal'
import type { EnqueueAnswer, HandOff, Outcome } from '../delivery'
import { verify } from './integration/contact'
import { type Asked, askIntegration } from './integration/registration'
import { makeParts } from './parts'
import { checkTarget } from './sending/check'
import type { Condition } from './sending/condition'
import { dependsOnConnection, nextAlarmMs } from './sending/next-alarm'
import { type Candidate, isTarget, openTarget } from './sending/target'
import { OwnTarget } from './sending/target-cache'
import { suspendOthers } from './shards'
import { type OutboxStatus, statusOf } from './status'
import { commitAll } from './store/commit'
import type { DeadLetter } from './store/dead-letters'
import { type ErasedUser, ErasedUsers } from './store/erased-users'
import { type ErasedDeliveries, Erasure } from './store/erasure'
import { GroupCommit, handOffChars } from './store/group-commit'
import { type HistoryBucket, historyMs } from './store/history'
import type { OutboxStore } from './store/store'

const brokenLookMs = 30_000
const defaultMaxBytes = 5_000_000_000

/**
 * The deliveries of one connection (and shard) on their way to its output. Rows are `OutboxStore`'s;
 * the alarm stands at the next attempt.
 */
export class Outbox extends DurableObject<Bindings> {
  #parts: ReturnType<typeof makeParts>
  #name: string | undefined
  #alarmMs: number | null = null
  #isDraining = false
  #wakes = 0
  #isForced = false
  readonly #commits = new GroupCommit((handOffs) => this.#commit(handOffs))
  readonly #target = new OwnTarget(this.env, (promise) => this.ctx.waitUntil(promise))
  // Attempts, and what changes rows under them.
  readonly #mutex = new Mutex()
  readonly #erasedUsers = new ErasedUsers()

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env)
    this.#parts = this.#makeParts()
    this.#name = this.#store.name()
    ctx.blockConcurrencyWhile(async () => {
      this.#alarmMs = await ctx.storage.getAlarm()
    })
  }

  #makeParts() {
    return makeParts({
      storage: this.ctx.storage,
      env: this.env,
      target: this.#target,
      mutex: this.#mutex,
      name: () => this.#name,
      waitUntil: (promise) => this.ctx.waitUntil(promise),
      arm: () => this.#arm(),
    })
  }

  get #store(): OutboxStore {
    return this.#parts.store
  }

  get #condition(): Condition {
    return this.#parts.condition
  }

  /** Takes a hand-off, once, whatever its number of tries; returns after the commit. */
  async enqueue(name: string, handOff: HandOff): Promise<EnqueueAnswer> {
    this.#name = name
    this.#target.sawVersion(handOff.version)
    // First, since a profile takes a refusal for a proof that no earlier try was taken.
    if (this.#store.has(handOff)) return { taken: true }
    const held = this.#store.segments.bytes + this.#commits.chars
    const maxBytes = numberVariable(this.env.OUTBOX_MAX_BYTES, defaultMaxBytes)
    // An empty one takes whatever comes: refusing it would be for ever.
    const isFull = held > 0 && held + handOffChars(handOff) > maxBytes
    if (isFull) return { taken: false, reason: 'full' }
    return this.#commits.add(handOff)
  }

  async #commit(handOffs: HandOff[]): Promise<EnqueueAnswer[]> {
    const wanted = handOffs.filter((one) => !this.#erasedUsers.had(one))
    const answers = commitAll(this.#store, this.#name ?? '', wanted)
    await this.#arm()
    await this.ctx.storage.sync()
    return handOffs.map((one) => answers.get(one) ?? { taken: true })
  }

  override async alarm(): Promise<void> {
    this.#alarmMs = null
    if (this.#isDraining) return
    this.#isDraining = true
    const isDone = await this.#tried(() => this.#drain())
    this.#isDraining = false
    await this.#tried(() => this.#parts.alerting.look(this.#connection))
    const isArmed = isDone && (await this.#tried(() => this.#arm()))
    if (!isArmed) await this.#setAlarm(Date.now() + brokenLookMs)
  }

  async #drain(): Promise<void> {
    const [wakes, isForced] = [this.#wakes, this.#isForced]
    const { isSuspended } = this.#condition
    this.#isForced = false
    await this.#parts.drain.run(this.#connection, isForced)
    if (!isSuspended && this.#condition.isSuspended) {
      const candidate = await this.#target.candidate(this.#connection)
      await suspendOthers(this.env, this.#name ?? '', { candidate, condition: this.#condition })
    }
    // An attempt that was under way when its owner mended something may have failed all the same.
    if (this.#wakes > wakes) this.#condition.forgetBackoff()
  }

  /** Sends nothing more until it is resumed. */
  suspend(name: string, reason: string): void {
    this.#name = name
    this.#store.open(name)
    this.#condition.suspend(reason)
  }

  async #tried(work: () => Promise<void>): Promise<boolean> {
    try {
      await work()
      return true
    } catch (error) {
      const fields = { outbox: this.#name, ...failure(error) }
      log('error', 'Delivering failed and will be tried again.', fields)
      return false
    }
  }

  get #connection(): string {
    return this.#name?.split('/')[0] ?? ''
  }

  /** Sets the alarm to the next thing that is due, whatever it is. */
  async #arm(): Promise<void> {
    if (this.#isDraining) return
    const facts = { store: this.#store, condition: this.#condition, now: Date.now() }
    const candidate = dependsOnConnection(facts)
      ? await this.#target.candidate(this.#connection)
      : undefined
    const isWoken = this.#isForced && candidate && dependsOnConnection(facts)
    const next = isWoken ? facts.now : nextAlarmMs(facts, candidate)
    const due = await this.#parts.alerting.dueMs(this.#connection, next)
    if (due !== undefined) await this.#setAlarm(due)
  }

  // A running drain looks by itself; otherwise the alarm only ever moves forward.
  async #setAlarm(ms: number): Promise<void> {
    if (this.#isDraining || (this.#alarmMs !== null && this.#alarmMs <= ms)) return
    this.#alarmMs = ms
    await this.ctx.storage.setAlarm(ms)
  }

  async status(): Promise<OutboxStatus> {
    // Whoever looks mends what the platform gave up: an alarm whose tries were used up.
    await this.#arm()
    const isPaused =
      this.#name !== undefined && (await this.#target.candidate(this.#connection)) === undefined
    const facts = { store: this.#store, condition: this.#condition, alarmMs: this.#alarmMs }
    return statusOf({ ...facts, isPaused })
  }

  /** What it did in the last 24 hours, by five minutes. */
  history(): HistoryBucket[] {
    return this.#store.history.since(Date.now() - historyMs)
  }

  /** Tries now, whatever the backoff says: something was mended, in that version at the latest. What comes later has its own time. */
  async wake(version = 0): Promise<void> {
    this.#target.sawVersion(version)
    this.#wakes += 1
    this.#isForced = dependsOnConnection({ store: this.#store, condition: this.#condition })
    this.#condition.forgetBackoff()
    await this.#arm()
  }

  /** Keeps in contact with an integration from now on, also while nothing waits. */
  async attend(name: string, version: number): Promise<void> {
    this.#name = name
    this.#target.sawVersion(version)
    this.#store.open(name)
    if (this.#condition.health.verified_ms === undefined) this.#condition.verified(Date.now())
    await this.wake(version)
  }

  /** Tells the integration that the audiences of a connection that goes are no longer wanted. */
  async leave(candidate: Candidate): Promise<void> {
    const target = await openTarget(candidate, this.env)
    if (target.kind !== 'firehose') return
    const { subscriptions } = this.#parts.contact
    const nothing = { names: {}, isEnding: true }
    const failed = await this.#mutex.run(() => subscriptions.tell(target.integration, nothing))
    if (!failed) return
    const fields = { outbox: this.#name, reason: reasonClass(failed.reason) }
    log('warn', 'The integration could not be told that its audiences end.', fields)
  }

  /** Under which key the settings of audiences are sealed that the integration was told of. */
  seals(isRotating: boolean): Promise<Record<SealedUnder, number>> {
    const { subscriptions } = this.#parts.contact
    return this.#mutex.run(() => subscriptions.seals(isRotating))
  }

  /** Goes on with a suspended connection, if the integration says that it is well. */
  async resume(version: number): Promise<Outcome> {
    this.#target.sawVersion(version)
    const target = await this.#target.open(this.#connection)
    const outcome = target?.kind === 'firehose' ? await verify(target) : target
    if (outcome && !isTarget(outcome) && outcome.kind !== 'delivered') return outcome
    this.#condition.resume()
    await this.wake(version)
    return { kind: 'delivered' }
  }

  /** Asks an integration what it is, before it is saved. Nothing is stored. */
  ask(output: Candidate['output']): Promise<Asked> {
    return askIntegration(output, this.env)
  }

  deadLetters(limit: number, before: number): DeadLetter[] {
    return this.#store.dead.list(limit, before)
  }

  /** The newest dead letters' ids. */
  deadLetterIds(limit: number): number[] {
    return this.#store.dead.ids(limit)
  }

  /** Puts dead letters back among what waits. @returns how many of the ids there were */
  async replay(ids: number[]): Promise<number> {
    try {
      return await this.#mutex.run(async () => {
        this.#eraseLetters(ids)
        return ids.filter((id) => this.#store.replay(id, Date.now())).length
      })
    } finally {
      await this.wake()
    }
  }

  // Of users who were erased since: their turn may still be to come.
  #eraseLetters(ids: number[]): void {
    for (const id of ids) {
      const mpids = this.#erasedUsers.mpidsSince(this.#store.dead.find(id)?.at_ms)
      if (mpids.length > 0) new Erasure(this.#store, this.ctx.storage.sql, mpids).letters([id])
    }
  }

  /** Deletes dead letters for good. @returns how many of the ids there were */
  discard(ids: number[]): number {
    return ids.filter((id) => this.#store.discard(id)).length
  }

  /**
   * Deletes what waits for users and their dead letters, once attempts under way have ended: what
   * these deliver is delivered. The ledger counts it as filtered by `erasure`.
   */
  async erase(users: ErasedUser[]): Promise<Record<string, ErasedDeliveries>> {
    this.#erasedUsers.add(users, Date.now())
    const mpids = users.map(({ mpid }) => mpid)
    const erasure = new Erasure(this.#store, this.ctx.storage.sql, mpids)
    const erased = await this.#mutex.run(() => {
      this.#parts.drain.rest()
      return erasure.run()
    })
    await this.ctx.storage.sync()
    return erased
  }

  /** Tries settings out before they are saved. Nothing is stored. */
  async check(candidate: Candidate & { isThorough?: boolean }): Promise<Outcome> {
    const target = await openTarget(candidate, this.env)
    const how = { nowMs: Date.now(), isThorough: candidate.isThorough ?? false }
    return isTarget(target) ? checkTarget(target, how) : target
  }

  /**
   * Deletes everything: the connection is gone. Unless forced, only when nothing is held: what came
   * in since it was looked at stays.
   */
  async discardAll(isForced: boolean): Promise<void> {
    const isEmpty = this.#store.segments.bytes === 0 && this.#store.dead.count().letters === 0
    if (!isForced && !isEmpty) return
    this.#parts.drain.stop()
    await this.ctx.storage.deleteAlarm()
    await this.ctx.storage.deleteAll()
    this.#parts = this.#makeParts()
    this.#target.forget()
    this.#alarmMs = null
  }
}
