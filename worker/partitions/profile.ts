import { DurableObject } from 'cloudflare:workers'
import type { Observations } from '../audiences/membership'
import { stringifyJson } from '../base/json'
import { failure, log } from '../base/log'
import { type Bindings, numberVariable } from '../config/deployment'
import { type ConsentGate, isAllowed } from '../dialects/privacy/consent'
import { allNotifications, fold, type ProfileState } from '../profiles/attributes'
import { arrive, type Head, raise, withUnlinked } from '../profiles/batching'
import { entryOf } from '../profiles/entry'
import {
  dueMs,
  isDue,
  isNeeded,
  type Raised,
  type Rules,
  raiseByTime,
  raiseByUpload,
} from '../profiles/triggers'
import type { Upload, UploadAnswer } from '../profiles/upload'
import { describedEntries, describeProfile } from './description'
import { unlink } from './directory/link-shards'
import { handOnDue } from './due-windows'
import { addLinks } from './links'
import { isOwing, Registration } from './registration'
import { dropRemains, leaveRemains, readRemains } from './remains'
import { rulesInForce } from './rules'
import { type ErasedProfile, newHead, ProfileStore } from './store'

// Behind a hand-on that begins right after the answer, in case the object dies before it is done.
const safetyMs = 10_000

/** One user: what is known of the mpid, and its events until every connection has them. */
export class Profile extends DurableObject<Bindings> {
  #cached: ProfileStore | undefined
  #alarmMs: number | null = null
  #lastChanges = ''
  #handing: Promise<void> | undefined
  readonly #registration = new Registration(this.env, () => this.#store.head)
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

  /** Stores an upload, unless consent is lacking. The answer leaves only after the commit. */
  async upload(mpid: string, upload: Upload, gate?: ConsentGate): Promise<UploadAnswer> {
    const rules = upload.has_audiences ? await this.#rules(upload.version) : undefined
    if (upload.request && this.#store.hasSeen(upload.request)) return { repeat: true }
    if (gate && !isAllowed(gate, this.#store.state.consent)) return { refused: true }
    const now = Date.now()
    const before = this.#store.head ?? newHead(mpid, now)
    const folded = this.#fold(mpid, upload)
    const owing = withUnlinked(before, folded?.unlinked ?? [])
    const arrived = arrive(owing, upload, { now, windowMs: this.#windowMs() })
    const { observations, request } = upload
    const notifications = allNotifications(upload.notifications, folded?.notifications)
    const entry = entryOf(upload, before.next_seq, notifications)
    const stored = upload.text === '' ? [] : [entry]
    const after = folded?.changed ? folded.state : this.#store.state
    const atMs = Math.max(now, upload.received_ms)
    const raised = rules && this.#raise(rules, { after, observations }, atMs)
    const { head, entries } = raise(arrived, raised?.triggers ?? [], {
      now,
      version: rules?.version ?? upload.version,
    })
    const isChanged = folded?.changed || raised
    const state = raised ? { ...after, audiences: raised.state } : after
    this.#store.append(head, [...stored, ...entries], { request, ...(isChanged ? { state } : {}) })
    if (folded) this.#lastChanges = upload.profile_changes
    this.#register()
    await this.#afterArrival(head, Date.now())
    return { stored: true }
  }

  /**
   * Evaluates the rules of a version of the workspace; a second time changes nothing.
   *
   * @returns the audiences that the profile is in
   */
  async meet(version: number): Promise<string[]> {
    this.#raiseByTime(await this.#rules(version), Date.now())
    const { head, state } = this.#store
    if (head) await this.#afterArrival(head, Date.now())
    return Object.keys(state.audiences?.inside ?? {})
  }

  /** Registers an existing profile again, since the directory may have forgotten it. */
  async registerAgain(): Promise<void> {
    const { head } = this.#store
    if (!head) return
    head.registered = false
    this.#oweLinks()
    await this.#registration.begin()
  }

  /** What is known of this mpid, as JSON text; undefined when it has no profile. */
  async describe(): Promise<string | undefined> {
    const { head, state } = this.#store
    // Re-arms an alarm that the platform dropped after its retries.
    const due = head && dueMs(head, state)
    if (due !== undefined) await this.#setAlarm(Math.max(due, Date.now()))
    return head && describeProfile(head, state, this.#store.newest(describedEntries))
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
    const isLeaving = this.#isIdle(idleMs)
    if (isLeaving) await this.#unlink()
    const { head } = this.#store
    if (!head || this.#isIdle(idleMs)) {
      await this.#clear()
      return undefined
    }
    if (isLeaving) {
      // An upload came in meanwhile.
      this.#oweLinks()
      this.#register()
    }
    const due = dueMs(head, this.#store.state)
    if (due !== undefined) await this.#setAlarm(Math.max(due, Date.now()))
    return head.last_ms
  }

  // The profile alone knows its links, so they go before it does, and are owed if it stays.
  async #unlink(): Promise<void> {
    const { head, state } = this.#store
    this.#oweLinks()
    if (head) await unlink(this.env, state.links ?? [], head.mpid)
  }

  #oweLinks(): void {
    const { head, state } = this.#store
    if (head && state.links?.length) head.unlinked = state.links
  }

  #isIdle(idleMs: number): boolean {
    const { head, state } = this.#store
    if (!head || head.windows.length > 0) return false
    return !isNeeded(state.audiences, Date.now()) && head.last_ms + idleMs <= Date.now()
  }

  /**
   * Deletes what is stored of the user, except what the rest of the erasure needs; `forget` deletes that,
   * too. Hand-offs under way end first: what outboxes have stored of them, they erase themselves.
   */
  async erase(): Promise<ErasedProfile> {
    this.#isErasing = true
    try {
      while (this.#handing || this.#registration.running) {
        await Promise.allSettled([this.#handing, this.#registration.running])
      }
      const { head, state } = this.#store
      const uploads = this.#store.waitingUploads()
      const { storage } = this.ctx
      const remains = head ? leaveRemains(storage, state) : readRemains(storage.sql)
      this.#reset()
      await storage.deleteAlarm()
      return { profile: head !== undefined, uploads, at_ms: Date.now(), ...remains }
    } finally {
      this.#isErasing = false
    }
  }

  /** The erasure is complete. */
  async forget(): Promise<void> {
    // A user who has come back meanwhile stays.
    if (this.#store.head) dropRemains(this.ctx.storage.sql)
    else await this.#clear()
  }

  async #clear(): Promise<void> {
    await this.ctx.storage.deleteAlarm()
    await this.ctx.storage.deleteAll()
    this.#reset()
  }

  #reset(): void {
    ;[this.#cached, this.#alarmMs, this.#lastChanges] = [undefined, null, '']
  }

  override async alarm(): Promise<void> {
    this.#alarmMs = null
    this.#register()
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

  #fold(mpid: string, { profile_changes: changes, received_ms }: Upload) {
    // Most uploads of a visit say the same of the user.
    if (changes === '' || changes === this.#lastChanges) return undefined
    const { state } = this.#store
    return addLinks(state, fold(state, changes, received_ms), { mpid, key: this.env.IDENTITY_KEY })
  }

  #rules(version: number): Promise<Rules> {
    const atLeast = Math.max(version, this.#store.state.audiences?.version ?? 0)
    return rulesInForce(this.env, (one) => this.ctx.waitUntil(one), atLeast)
  }

  #register(): void {
    const { head } = this.#store
    if (head && isOwing(head)) this.ctx.waitUntil(this.#registration.begin())
  }

  // Most uploads say nothing that a rule asks for, and then nothing is evaluated or written.
  #raise(
    rules: Rules,
    { after, observations }: { after: ProfileState; observations: Observations | undefined },
    now: number
  ): Raised | undefined {
    const { head, state: before } = this.#store
    const createdMs = head?.created_ms ?? head?.last_ms ?? now
    const isSame = after === before && observations === undefined
    if (head && isSame && !isDue(rules, before.audiences, now)) return undefined
    return raiseByUpload(
      rules,
      { ...(head ? { before } : {}), after, observations },
      { now, createdMs }
    )
  }

  #raiseByTime(rules: Rules, now: number): void {
    const { head, state } = this.#store
    if (!head || !isDue(rules, state.audiences, now)) return
    const createdMs = head.created_ms ?? head.last_ms
    const raised = raiseByTime(rules, state, { now, createdMs })
    const { head: next, entries } = raise(head, raised.triggers, { now, version: rules.version })
    this.#store.append(next, entries, { state: { ...state, audiences: raised.state } })
  }

  async #wake(): Promise<void> {
    const due = this.#store.state.audiences?.due_ms
    if (due === undefined || due > Date.now()) return
    this.#raiseByTime(await this.#rules(0), Date.now())
  }

  async #afterArrival(head: Head, now: number): Promise<void> {
    const due = dueMs(head, this.#store.state)
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
      const waitUntil = (one: Promise<unknown>) => this.ctx.waitUntil(one)
      const place = { env: this.env, waitUntil, store: () => this.#store }
      this.#handing = handOnDue(place).finally(() => {
        this.#handing = undefined
      })
      await this.#handing
    }
    const { head, state } = this.#store
    const next = head && dueMs(head, state)
    if (next !== undefined) await this.#setAlarm(Math.max(next, Date.now()))
  }
}
