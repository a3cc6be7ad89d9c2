import { DurableObject } from 'cloudflare:workers'
import { type Bindings, numberVariable } from '../config/deployment'
import type { EnqueueAnswer, HandOff, Outcome } from '../delivery'
import { failure, log } from '../log'
import type { DeadCount, DeadLetter } from './dead-letters'
import { drainFile, laneDueMs } from './drain-files'
import { MessageDrain, queueDueMs } from './drain-messages'
import { type ErasedUser, ErasedUsers } from './erased-users'
import { type ErasedDeliveries, Erasure } from './erasure'
import { GroupCommit, handOffChars } from './group-commit'
import { afterFailure, afterSuccess, type Health, healthy, isHealth, logHealth } from './health'
import type { Ledger, Totals } from './ledger'
import { OwnTarget } from './own-target'
import { OutboxStore } from './store'
import { type Candidate, checkTarget, openTarget, type Target } from './target'
import { Turns } from './turns'

export interface OutboxStatus {
  state: Health['state'] | 'paused'
  last_error: Health['last_error'] | null
  next_attempt_ms: number | null
  waiting: { deliveries: number; events: number; bytes: number; oldest_ms: number | null }
  delivered: { deliveries: number; requests: number }
  dead_letters: DeadCount
  ledger: Ledger
}

// One run of the alarm; the next one follows at once, with a fresh limit of wall time.
const runMs = 60_000
const pausedLookMs = 3_600_000
const brokenLookMs = 30_000
const defaultMaxBytes = 5_000_000_000

/**
 * The deliveries of one connection (and shard) on their way to its output. Rows are `OutboxStore`'s;
 * the alarm stands at the next attempt.
 */
export class Outbox extends DurableObject<Bindings> {
  #store: OutboxStore
  #health: Health
  #name: string | undefined
  #alarmMs: number | null = null
  #isDraining = false
  #wakes = 0
  readonly #commits = new GroupCommit((handOffs) => this.#commit(handOffs))
  readonly #target = new OwnTarget(this.env, (promise) => this.ctx.waitUntil(promise))
  // Attempts, and what changes rows under them.
  readonly #turns = new Turns()
  readonly #erasedUsers = new ErasedUsers()
  #messages: MessageDrain | undefined

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env)
    this.#store = new OutboxStore(ctx.storage)
    const health = this.#store.health()
    this.#health = isHealth(health) ? health : healthy
    this.#name = this.#store.name()
    ctx.blockConcurrencyWhile(async () => {
      this.#alarmMs = await ctx.storage.getAlarm()
    })
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
    const together = this.#tryCommit(handOffs)
    // One that cannot be stored must not take its neighbours along.
    const isApart = !together.taken && handOffs.length > 1
    const answers = handOffs.map((one) => (isApart ? this.#tryCommit([one]) : together))
    await this.#arm()
    await this.ctx.storage.sync()
    return answers
  }

  #tryCommit(handOffs: HandOff[]): EnqueueAnswer {
    try {
      const wanted = handOffs.filter((one) => !this.#erasedUsers.had(one))
      this.#store.commit(this.#name ?? '', wanted, Date.now())
      return { taken: true }
    } catch (error) {
      const fields = { outbox: this.#name, handOffs: handOffs.length, ...failure(error) }
      log('error', 'A commit failed; the profiles keep their events.', fields)
      return { taken: false, reason: 'storage' }
    }
  }

  override async alarm(): Promise<void> {
    this.#alarmMs = null
    if (this.#isDraining) return
    this.#isDraining = true
    const wakes = this.#wakes
    try {
      await this.#drain()
    } catch (error) {
      const fields = { outbox: this.#name, ...failure(error) }
      log('error', 'Delivering failed and will be tried again.', fields)
      this.#isDraining = false
      return this.#setAlarm(Date.now() + brokenLookMs)
    } finally {
      this.#isDraining = false
      this.#messages = undefined
    }
    // An attempt that was under way when its owner mended something may have failed all the same.
    if (this.#wakes > wakes) this.#forgetBackoff()
    await this.#arm()
  }

  async #drain(): Promise<void> {
    const started = Date.now()
    this.#store.expireDead(started)
    const target = await this.#target.open(this.#connection)
    if (!target) return
    if ('access' in target) this.#expire(target, started)
    if (this.#health.next_ms > started || !this.#isHolding()) return
    if (!('access' in target)) return this.#note([target])
    const messages = new MessageDrain(this.#store)
    this.#messages = messages
    while (Date.now() - started < runMs) {
      const outcomes = await this.#turns.take(() => this.#step(target, messages))
      if (outcomes.length === 0) break
      this.#note(outcomes)
      if (this.#health.attempts > 0) break
    }
    messages.rest()
  }

  // A begun file of which nothing is left is written all the same.
  #isHolding(): boolean {
    return this.#store.segments.bytes > 0 || this.#store.files.list().length > 0
  }

  async #step(target: Target, messages: MessageDrain): Promise<Outcome[]> {
    if (target.kind === 'sqs') return messages.step(target, this.#health.attempts > 0)
    const outcome = await drainFile(this.#store, target)
    return outcome ? [outcome] : []
  }

  // One retry among the outcomes is a reason to wait, for the others were taken care of.
  #note(outcomes: Outcome[]): void {
    const retry = outcomes.find((one) => one.kind === 'retry')
    const before = this.#health
    if (retry?.kind === 'retry') {
      const isPartial = outcomes.some((one) => one.kind !== 'retry')
      const base = isPartial ? { ...before, attempts: 0 } : before
      this.#health = afterFailure(base, retry, { ms: Date.now(), random: Math.random() })
    } else this.#health = afterSuccess(before)
    if (this.#health === before) return
    this.#store.saveHealth(this.#health)
    if (this.#health.state !== before.state) logHealth(this.#name, this.#health)
  }

  #expire(target: Target, now: number): void {
    const oldest = now - target.retention_hours * 3_600_000
    const reason = `It was not delivered within ${target.retention_hours} hours.`
    this.#store.segmentsDead(this.#store.segments.openedBefore(oldest), reason, now)
  }

  get #connection(): string {
    return this.#name?.split('/')[0] ?? ''
  }

  /** Sets the alarm to the next thing that is due, whatever it is. */
  async #arm(): Promise<void> {
    const expiry = this.#store.dead.nextExpiryMs()
    if (expiry !== undefined) await this.#setAlarm(Math.max(expiry, Date.now()))
    if (this.#store.files.list().length > 0) {
      await this.#setAlarm(Math.max(this.#health.next_ms, Date.now()))
    }
    await this.#armForWaiting()
  }

  async #armForWaiting(): Promise<void> {
    const { bytes, lanes } = this.#store.segments
    if (bytes === 0 || this.#isDraining) return
    const now = Date.now()
    const candidate = await this.#target.candidate(this.#connection)
    if (!candidate) return this.#setAlarm(now + pausedLookMs)
    const settings = {
      file_seconds: Number(candidate.settings.file_seconds ?? 60),
      file_bytes: Number(candidate.settings.file_bytes ?? 8_388_608),
    }
    const due = [...lanes].map(([lane, state]) =>
      lane === '' ? queueDueMs(state) : laneDueMs(state, settings)
    )
    await this.#setAlarm(Math.max(this.#health.next_ms, Math.min(...due, now + pausedLookMs), now))
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
    const { deliveries, events, oldest_ms } = this.#store.segments.sums()
    const { deliveries: delivered, requests }: Totals = this.#store.totals
    const isPaused =
      this.#name !== undefined && (await this.#target.candidate(this.#connection)) === undefined
    return {
      state: isPaused ? 'paused' : this.#health.state,
      last_error: this.#health.last_error ?? null,
      next_attempt_ms: events + deliveries > 0 ? this.#alarmMs : null,
      waiting: { deliveries, events, bytes: this.#store.segments.bytes, oldest_ms },
      delivered: { deliveries: delivered, requests },
      dead_letters: this.#store.dead.count(),
      ledger: this.#store.ledger(),
    }
  }

  /** Tries now, whatever the backoff says: something was mended, in that version at the latest. */
  async wake(version = 0): Promise<void> {
    this.#target.sawVersion(version)
    this.#wakes += 1
    this.#forgetBackoff()
    if (this.#store.segments.bytes > 0) await this.#setAlarm(Date.now())
  }

  #forgetBackoff(): void {
    if (this.#health.next_ms === 0) return
    this.#health = { ...this.#health, next_ms: 0 }
    this.#store.saveHealth(this.#health)
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
      return await this.#turns.take(
        async () => ids.filter((id) => this.#store.replay(id, Date.now())).length
      )
    } finally {
      await this.wake()
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
    const erased = await this.#turns.take(() => {
      this.#messages?.rest()
      return erasure.run()
    })
    await this.ctx.storage.sync()
    return erased
  }

  /** Tries settings out before they are saved. Nothing is stored. */
  async check(candidate: Candidate): Promise<Outcome> {
    const target = await openTarget(candidate, this.env)
    return 'access' in target ? checkTarget(target, Date.now()) : target
  }

  /**
   * Deletes everything: the connection is gone. Unless forced, only when nothing is held: what came
   * in since it was looked at stays.
   */
  async discardAll(isForced: boolean): Promise<void> {
    const isEmpty = this.#store.segments.bytes === 0 && this.#store.dead.count().letters === 0
    if (!isForced && !isEmpty) return
    await this.ctx.storage.deleteAlarm()
    await this.ctx.storage.deleteAll()
    this.#store = new OutboxStore(this.ctx.storage)
    this.#health = healthy
    this.#target.forget()
    this.#alarmMs = null
  }
}
