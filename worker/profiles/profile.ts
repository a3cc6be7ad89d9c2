import { DurableObject } from 'cloudflare:workers'
import type { Noted } from '../audiences/membership'
import { type Bindings, numberVariable } from '../config/deployment'
import { workspaceSnapshot } from '../config/snapshot'
import { stringifyJson } from '../json'
import { failure, log } from '../log'
import { fold, type ProfileState } from './attributes'
import {
  arrive,
  blockedUntil,
  closeDue,
  covers,
  type EntryFacts,
  type Head,
  nextDueMs,
  oldestNeeded,
  raise,
  settle,
  type Window,
} from './batching'
import { describeProfile } from './description'
import { type ParsedEntry, parseEntry } from './hand-off'
import { handOnWindows } from './hand-on'
import { Registration } from './registration'
import { rulesInForce } from './rules'
import { type ErasedProfile, newHead, ProfileStore } from './store'
import {
  isAskedFor,
  isDue,
  type Raised,
  type Rules,
  raiseByTime,
  raiseByUpload,
  wakeMs,
} from './triggers'
import type { Upload } from './upload'

export type UploadAnswer = { stored: true } | { repeat: true }

// Behind a hand-on that begins right after the answer, in case the object dies before it is done.
const safetyMs = 10_000

/**
 * One user: what is known of the mpid, and its events until every connection has them.
 * Storage is `ProfileStore`'s; the alarm stands at the earliest window that is due.
 */
export class Profile extends DurableObject<Bindings> {
  #cached: ProfileStore | undefined
  #alarmMs: number | null = null
  #lastAbout = ''
  #handing: Promise<void> | undefined
  readonly #registration = new Registration(this.env)
  #isErasing = false

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env)
    ctx.blockConcurrencyWhile(async () => {
      this.#alarmMs = await ctx.storage.getAlarm()
    })
  }

  get #store(): ProfileStore {
    this.#cached ??= new ProfileStore(this.ctx.storage)
    return this.#cached
  }

  /** Stores an upload. The answer leaves only after the commit. */
  async upload(mpid: string, upload: Upload): Promise<UploadAnswer> {
    const rules = upload.has_audiences ? await this.#rules(upload.version) : undefined
    if (upload.request && this.#store.hasSeen(upload.request)) return { repeat: true }
    const now = Date.now()
    const before = this.#store.head ?? newHead(mpid, now)
    const arrived = arrive(before, upload, { now, windowMs: this.#windowMs() })
    const folded = this.#fold(upload)
    const { windows: _, sessions: __, about: ___, has_audiences: ____, ...rest } = upload
    const { noted, request, ...kept } = rest
    const entry = { ...kept, seq: before.next_seq, notifications: folded?.notifications ?? [] }
    const after = folded?.changed ? folded.state : this.#store.state
    const raised = rules && this.#raise(rules, { after, noted }, Math.max(now, upload.received_ms))
    const { head, entries } = raise(arrived, raised?.triggers ?? [], {
      now,
      version: rules?.version ?? upload.version,
    })
    const isChanged = folded?.changed || raised
    const state = raised ? { ...after, audiences: raised.state } : after
    this.#store.append(head, [entry, ...entries], { request, ...(isChanged ? { state } : {}) })
    if (folded) this.#lastAbout = upload.about
    if (!head.registered) this.ctx.waitUntil(this.#register(mpid))
    await this.#afterArrival(head, Date.now())
    return { stored: true }
  }

  /**
   * Lets the profile meet the rules of a version of the workspace and tells connections that want to
   * know of existing users. Nothing comes of a second time.
   *
   * @returns the audiences that it is in
   */
  async meet(version: number): Promise<string[]> {
    this.#raiseByTime(await this.#rules(version), Date.now())
    const { head, state } = this.#store
    if (head) await this.#afterArrival(head, Date.now())
    return Object.keys(state.audiences?.inside ?? {})
  }

  /** Tells the directory anew, if there is a profile: it may know it no more. */
  async registerAgain(): Promise<void> {
    const { head } = this.#store
    if (head) await this.#register(head.mpid)
  }

  /** What is known of this mpid, as JSON text; undefined when it has no profile. */
  async describe(): Promise<string | undefined> {
    const { head, state } = this.#store
    // Whoever looks mends what the platform gave up: an alarm whose tries were used up.
    const due = head && this.#dueMs(head)
    if (due !== undefined) await this.#setAlarm(Math.max(due, Date.now()))
    return head && describeProfile(head, state)
  }

  /** The whole `ProfileState` as JSON text; undefined when there is no such profile. */
  state(): string | undefined {
    const { head, state } = this.#store
    return head && stringifyJson(state)
  }

  /**
   * Deletes the profile when nothing waits and it was silent for `idleMs`.
   *
   * @returns when it last had an upload, ms; undefined when it is gone
   */
  async expire(idleMs: number): Promise<number | undefined> {
    const { head, state } = this.#store
    const isNeeded = head && (head.windows.length > 0 || isAskedFor(state.audiences, Date.now()))
    if (head && (isNeeded || head.last_ms + idleMs > Date.now())) {
      const due = this.#dueMs(head)
      if (due !== undefined) await this.#setAlarm(Math.max(due, Date.now()))
      return head.last_ms
    }
    await this.#clear()
    return undefined
  }

  /**
   * Deletes all that is stored here of the user, with what waits. Hand-ons under way end first:
   * what their outboxes took is for these to erase, and nothing comes of them afterwards.
   */
  async erase(): Promise<ErasedProfile> {
    this.#isErasing = true
    try {
      while (this.#handing || this.#registration.running) {
        await Promise.allSettled([this.#handing, this.#registration.running])
      }
      const isKnown = this.#store.head !== undefined
      const uploads = this.#store.waitingUploads()
      if (isKnown) await this.#clear()
      return { profile: isKnown, uploads, at_ms: Date.now() }
    } finally {
      this.#isErasing = false
    }
  }

  async #clear(): Promise<void> {
    await this.ctx.storage.deleteAlarm()
    await this.ctx.storage.deleteAll()
    ;[this.#cached, this.#alarmMs, this.#lastAbout] = [undefined, null, '']
  }

  override async alarm(): Promise<void> {
    this.#alarmMs = null
    try {
      await this.#wake()
      await this.#handOn()
    } catch (error) {
      log('error', 'Handing on failed and will be tried again.', failure(error))
      await this.#setAlarm(Date.now() + safetyMs)
    }
  }

  #windowMs(): number {
    return numberVariable(this.env.BATCH_WINDOW_SECONDS, 600) * 1000
  }

  #fold({ about, received_ms }: Upload) {
    // Most uploads of a visit say the same of the user.
    if (about === '' || about === this.#lastAbout) return undefined
    return fold(this.#store.state, about, received_ms)
  }

  #rules(version: number): Promise<Rules> {
    const atLeast = Math.max(version, this.#store.state.audiences?.version ?? 0)
    return rulesInForce(this.env, (one) => this.ctx.waitUntil(one), atLeast)
  }

  #register(mpid: string): Promise<void> {
    return this.#registration.begin(mpid, () => {
      // Stored with the next row that is written anyway; registering twice is harmless.
      if (this.#store.head) this.#store.head.registered = true
    })
  }

  // Most uploads say nothing that a rule asks for, and then nothing is evaluated or written.
  #raise(
    rules: Rules,
    { after, noted }: { after: ProfileState; noted: Noted | undefined },
    now: number
  ): Raised | undefined {
    const { head, state: before } = this.#store
    const createdMs = head?.created_ms ?? head?.last_ms ?? now
    const isSame = after === before && noted === undefined
    if (head && isSame && !isDue(rules, before.audiences, now)) return undefined
    const earlier = head ? { before } : {}
    return raiseByUpload(rules, { ...earlier, after, noted }, { now, createdMs })
  }

  #raiseByTime(rules: Rules, now: number): void {
    const { head, state } = this.#store
    if (!head || !isDue(rules, state.audiences, now)) return
    const createdMs = head.created_ms ?? head.last_ms
    const raised = raiseByTime(rules, state, { now, createdMs })
    const { version } = rules
    const { head: next, entries } = raise(head, raised.triggers, { now, version })
    this.#store.append(next, entries, { state: { ...state, audiences: raised.state } })
  }

  async #wake(): Promise<void> {
    const due = this.#store.state.audiences?.due_ms
    if (due === undefined || due > Date.now()) return
    this.#raiseByTime(await this.#rules(0), Date.now())
  }

  // The earliest of what windows and memberships wait for.
  #dueMs(head: Head): number | undefined {
    const due = [nextDueMs(head), wakeMs(this.#store.state.audiences, head.mpid)]
    const known = due.filter((ms) => ms !== undefined)
    return known.length > 0 ? Math.min(...known) : undefined
  }

  async #afterArrival(head: Head, now: number): Promise<void> {
    const due = this.#dueMs(head)
    if (due === undefined) return
    if (due > now) return this.#setAlarm(due)
    await this.#setAlarm(now + safetyMs)
    this.ctx.waitUntil(
      this.#handOn().catch((error) =>
        log('warn', 'Handing on failed and will be tried again by alarm.', failure(error))
      )
    )
  }

  // Moves the alarm only forward: an early one costs a look, a missing one costs events.
  async #setAlarm(ms: number): Promise<void> {
    if (this.#alarmMs !== null && this.#alarmMs <= ms) return
    this.#alarmMs = ms
    await this.ctx.storage.setAlarm(ms)
  }

  async #handOn(): Promise<void> {
    while (this.#handing) await this.#handing
    if (this.#isErasing) return this.#setAlarm(Date.now() + safetyMs)
    const due = this.#store.head?.windows.some((window) => window.due_ms <= Date.now())
    if (due) {
      this.#handing = this.#handOnDue().finally(() => {
        this.#handing = undefined
      })
      await this.#handing
    }
    const next = this.#store.head && this.#dueMs(this.#store.head)
    if (next !== undefined) await this.#setAlarm(Math.max(next, Date.now()))
  }

  async #handOnDue(): Promise<void> {
    const { head, state } = this.#store
    if (!head) return
    const now = Date.now()
    const blocked = blockedUntil(head, now)
    const windows = closeDue(head, now)
    const parsed = this.#parse(windows)
    const seen = Math.max(0, ...parsed.map(({ entry }) => entry.version))
    const snapshot = await workspaceSnapshot(this.env, (one) => this.ctx.waitUntil(one), seen)
    const round = { env: this.env, head, state, snapshot, parsed, blocked }
    const refusals = await handOnWindows(round, windows)
    this.#settle(windows, blocked, refusals)
  }

  #parse(windows: Window[]): ParsedEntry[] {
    const from = Math.min(...windows.map((window) => window.from))
    const upto = Math.max(...windows.map((window) => window.upto ?? window.from))
    const isWanted = (facts: EntryFacts) => windows.some((window) => covers(window, facts))
    return this.#store.entries(from, upto, isWanted).map(parseEntry)
  }

  #settle(windows: Window[], blocked: Map<string, number>, refusals: Map<Window, number>): void {
    // An upload that came in meanwhile has replaced the head, so it is read again.
    const { head } = this.#store
    if (!head) return
    const next = settle(head, windows, { blocked, refusals, now: Date.now(), random: Math.random })
    this.#store.save(next, oldestNeeded(next))
  }
}
