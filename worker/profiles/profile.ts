import { DurableObject } from 'cloudflare:workers'
import { type Bindings, numberVariable, objectsOf } from '../config/deployment'
import { workspaceSnapshot } from '../config/snapshot'
import { directoryShard } from '../directory'
import { stringifyJson } from '../json'
import { failure, log } from '../log'
import { fold } from './attributes'
import {
  arrive,
  blockedUntil,
  closeDue,
  covers,
  type EntryFacts,
  type Head,
  nextDueMs,
  oldestNeeded,
  settle,
  type Window,
} from './batching'
import { type ParsedEntry, parseEntry } from './hand-off'
import { handOnWindows } from './hand-on'
import { ProfileStore } from './store'
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
    if (upload.request && this.#store.hasSeen(upload.request)) return { repeat: true }
    const before = this.#store.head ?? newHead(mpid)
    const head = arrive(before, upload, { now: Date.now(), windowMs: this.#windowMs() })
    const folded = this.#fold(upload)
    const { windows: _, sessions: __, about: ___, request, ...kept } = upload
    const notifications = folded?.notifications ?? []
    this.#store.append(
      head,
      { ...kept, seq: before.next_seq, notifications },
      { request, ...(folded?.changed ? { state: folded.state } : {}) }
    )
    if (folded) this.#lastAbout = upload.about
    if (!head.registered) this.ctx.waitUntil(this.#register(mpid))
    await this.#afterArrival(head, Date.now())
    return { stored: true }
  }

  /** What is known of this mpid, as JSON text; undefined when it has no profile. */
  async describe(): Promise<string | undefined> {
    const { head, state } = this.#store
    // Whoever looks mends what the platform gave up: an alarm whose tries were used up.
    const due = head && nextDueMs(head)
    if (due !== undefined) await this.#setAlarm(Math.max(due, Date.now()))
    const { mpid, last_ms, windows } = head ?? {}
    return head && stringifyJson({ mpid, last_ms, ...state, open_windows: windows?.length })
  }

  /**
   * Deletes the profile when nothing waits and it was silent for `idleMs`.
   *
   * @returns when it last had an upload, ms; undefined when it is gone
   */
  async expire(idleMs: number): Promise<number | undefined> {
    const { head } = this.#store
    if (head && (head.windows.length > 0 || head.last_ms + idleMs > Date.now())) {
      const due = nextDueMs(head)
      if (due !== undefined) await this.#setAlarm(Math.max(due, Date.now()))
      return head.last_ms
    }
    await this.ctx.storage.deleteAlarm()
    await this.ctx.storage.deleteAll()
    this.#cached = undefined
    this.#alarmMs = null
    this.#lastAbout = ''
    return undefined
  }

  override async alarm(): Promise<void> {
    this.#alarmMs = null
    try {
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

  async #afterArrival(head: Head, now: number): Promise<void> {
    const due = nextDueMs(head)
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

  async #register(mpid: string): Promise<void> {
    try {
      await objectsOf(this.env).DIRECTORY.getByName(directoryShard(mpid)).add(mpid)
      // Stored with the next row that is written anyway; registering twice is harmless.
      if (this.#store.head) this.#store.head.registered = true
    } catch (error) {
      log('warn', 'A profile could not be registered; its next upload tries again.', failure(error))
    }
  }

  async #handOn(): Promise<void> {
    while (this.#handing) await this.#handing
    const due = this.#store.head?.windows.some((window) => window.due_ms <= Date.now())
    if (due) {
      this.#handing = this.#handOnDue().finally(() => {
        this.#handing = undefined
      })
      await this.#handing
    }
    const next = this.#store.head && nextDueMs(this.#store.head)
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

const newHead = (mpid: string): Head => ({
  mpid,
  epoch: crypto.getRandomValues(new Uint32Array(1))[0]?.toString(36) ?? '0',
  next_seq: 0,
  next_window: 0,
  windows: [],
  registered: false,
  last_ms: 0,
})
