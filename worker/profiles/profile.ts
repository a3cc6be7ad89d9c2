import { DurableObject } from 'cloudflare:workers'
import { type Bindings, numberVariable, objectsOf } from '../config/deployment'
import { type Snapshot, snapshotAt, workspaceSnapshot } from '../config/snapshot'
import { type EnqueueAnswer, type HandOff, waitBeforeRetry } from '../delivery'
import { directoryShard } from '../directory'
import { fnv1a64 } from '../hash'
import { stringifyJson } from '../json'
import { failure, log } from '../log'
import { fold } from './attributes'
import {
  arrive,
  blockedUntil,
  closeDue,
  type Head,
  nextDueMs,
  oldestNeeded,
  type Window,
} from './batching'
import { type ConnectionAt, makeHandOff, type ParsedEntry, parseEntry } from './hand-off'
import { ProfileStore } from './store'
import type { Upload } from './upload'

export type UploadAnswer = { stored: true } | { repeat: true }

// Behind a hand-on that begins right after the answer, in case the object dies before it is done.
const safetyMs = 10_000
const enqueueTimeoutMs = 30_000

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
    if (head && (head.windows.length > 0 || head.last_ms + idleMs > Date.now())) return head.last_ms
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
    const folded = fold(this.#store.state, about, received_ms)
    this.#lastAbout = about
    return folded
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
    const { head } = this.#store
    if (!head) return
    const now = Date.now()
    const blocked = blockedUntil(head, now)
    const windows = closeDue(head, now)
    const parsed = this.#parse(windows)
    const seen = Math.max(0, ...parsed.map(({ entry }) => entry.version))
    const snapshot = await workspaceSnapshot(this.env, (one) => this.ctx.waitUntil(one), seen)
    const byConnection = new Map<string, Window[]>()
    for (const window of windows) {
      window.todo ??= snapshot.connectionsOf(window.input).map((one) => one.id)
      for (const id of window.todo) {
        if (!blocked.has(id)) byConnection.set(id, [...(byConnection.get(id) ?? []), window])
      }
    }
    const round: Round = { snapshot, parsed, blocked, refusals: new Map() }
    await Promise.all([...byConnection].map(([id, own]) => this.#handTo(id, own, round)))
    this.#settle(windows, round)
  }

  #parse(windows: Window[]): ParsedEntry[] {
    const from = Math.min(...windows.map((window) => window.from))
    const upto = Math.max(...windows.map((window) => window.upto ?? window.from))
    return this.#store.entries(from, upto).map(parseEntry)
  }

  // Hands one connection its windows, oldest first, and stops at the first that is not taken, so
  // that the order holds.
  async #handTo(id: string, windows: Window[], round: Round): Promise<void> {
    for (const window of windows) {
      const answer = await this.#tryHandOff(id, window, round)
      if (!answer.taken) {
        if (answer.reason !== noAnswer)
          round.refusals.set(window, (round.refusals.get(window) ?? 0) + 1)
        return
      }
      window.todo = window.todo?.filter((other) => other !== id) ?? []
    }
  }

  async #tryHandOff(id: string, window: Window, round: Round): Promise<EnqueueAnswer> {
    const { snapshot, parsed } = round
    const { head, state } = this.#store
    const live = snapshot.connections.get(id)
    // A connection that is gone or was switched off takes nothing more.
    if (!head || !live?.enabled) return { taken: true }
    try {
      const at = await this.#settingsAt(id, snapshot, parsed)
      const handOff = makeHandOff({
        head,
        window,
        state,
        entries: parsed,
        version: snapshot.version,
        at,
      })
      if (!handOff) return { taken: true }
      const shard = fnv1a64(head.mpid)[1] % live.shards
      return await this.#enqueue(`${id}/${shard}`, handOff)
    } catch (error) {
      log('warn', 'An outbox did not answer and will be asked again.', {
        connection: id,
        ...failure(error),
      })
      return { taken: false, reason: noAnswer }
    }
  }

  async #enqueue(name: string, handOff: HandOff): Promise<EnqueueAnswer> {
    const outbox = objectsOf(this.env).OUTBOX.getByName(name)
    const answered = new AbortController()
    const late = scheduler.wait(enqueueTimeoutMs, { signal: answered.signal }).then(
      () => Promise.reject(new Error('The outbox took longer than 30 s.')),
      // Only the race's other side aborts it, and then nobody looks here.
      () => new Promise<never>(() => {})
    )
    try {
      return await Promise.race([outbox.enqueue(name, handOff), late])
    } finally {
      answered.abort()
    }
  }

  // Events are governed by the settings of the moment they came in.
  async #settingsAt(
    id: string,
    snapshot: Snapshot,
    parsed: ParsedEntry[]
  ): Promise<(version: number) => ConnectionAt | undefined> {
    const byVersion = new Map<number, ConnectionAt | undefined>()
    for (const version of new Set(parsed.map(({ entry }) => entry.version))) {
      const isCurrent = version === snapshot.version
      const then = isCurrent ? snapshot : await snapshotAt(this.env, version)
      const connection = then.connections.get(id)
      const known = connection?.enabled && {
        settings: connection.settings,
        app_name: then.inputById.get(connection.input)?.app_name,
      }
      byVersion.set(version, known || undefined)
    }
    return (version) => byVersion.get(version)
  }

  #settle(windows: Window[], { blocked, refusals }: Round): void {
    const { head } = this.#store
    if (!head) return
    const now = Date.now()
    for (const window of windows) {
      const { todo = [] } = window
      // Refused by all that are left: no earlier try of it was taken unseen.
      if (todo.length > 0 && refusals.get(window) === todo.length) window.since_ms = now
      const isWaiting = todo.every((id) => blocked.has(id))
      if (!isWaiting) window.tries = (window.tries ?? 0) + 1
      const waitMs = waitBeforeRetry(
        { kind: 'retry', reason: '' },
        window.tries ?? 1,
        Math.random()
      )
      window.due_ms = isWaiting
        ? Math.max(...todo.map((id) => blocked.get(id) ?? now))
        : now + waitMs
    }
    const settled = new Map(windows.map((window) => [window.id, window]))
    const next: Head = {
      ...head,
      // An upload that came in meanwhile has replaced the head and its windows.
      windows: head.windows
        .map((window) => settled.get(window.id) ?? window)
        .filter((window) => window.todo === undefined || window.todo.length > 0),
    }
    this.#store.save(next, oldestNeeded(next))
  }
}

/** One pass over the due windows. */
interface Round {
  snapshot: Snapshot
  parsed: ParsedEntry[]
  blocked: Map<string, number>
  /** How many connections answered that they do not take a window. */
  refusals: Map<Window, number>
}

const noAnswer = 'no answer'

const newHead = (mpid: string): Head => ({
  mpid,
  epoch: crypto.getRandomValues(new Uint32Array(1))[0]?.toString(36) ?? '0',
  next_seq: 0,
  next_window: 0,
  windows: [],
  registered: false,
  last_ms: 0,
})
