import { DurableObject } from 'cloudflare:workers'
import type { Changed } from '../../audiences/trigger'
import { failure, log } from '../../base/log'
import { migrate } from '../../base/schema'
import { type Bindings, numberVariable, objectsOf } from '../../config/deployment'
import { type Snapshot, workspaceSnapshot } from '../../config/snapshot'
import { Links } from './links'
import { Members, type ToldChange } from './members'
import { directorySteps } from './schema'
import { rulesHash, Walk, type WalkProgress } from './walk'

const dayMs = 86_400_000
const sweepMs = dayMs
// One sweep asks this many profiles before it yields to the next alarm.
const sweepPage = 200
const walkRetryMs = 5000
// Several changes are often saved one right after the other.
const walkDelayMs = 1000

/**
 * Which profiles exist. Registering costs one row in a profile's life; the directory asks now and
 * then who has been silent for long, so that the profiles need no alarm of their own for that.
 *
 * Stored: `profiles` (mpid, check_ms: when to ask whether it is idle), and what `Members`, `Links` and
 * `Walk` store. Links lie in the shard of the identity, all else in that of the mpid.
 */
export class Directory extends DurableObject<Bindings> {
  readonly #sql: SqlStorage
  readonly #members: Members
  readonly #links: Links
  readonly #walk: Walk

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env)
    this.#sql = ctx.storage.sql
    this.#members = new Members(this.#sql)
    this.#links = new Links(this.#sql)
    this.#walk = new Walk(this.#sql)
    migrate(ctx.storage, directorySteps)
  }

  async add(mpid: string): Promise<void> {
    const check = Date.now() + this.#idleMs()
    this.#sql.exec(
      'INSERT INTO profiles (mpid, check_ms) VALUES (?, ?) ON CONFLICT (mpid) DO UPDATE SET check_ms = excluded.check_ms',
      mpid,
      check
    )
    if ((await this.ctx.storage.getAlarm()) === null) {
      await this.ctx.storage.setAlarm(Date.now() + sweepMs)
    }
  }

  /** Forgets a profile. @returns whether it was known */
  remove(mpid: string): boolean {
    return this.ctx.storage.transactionSync(() => {
      const isMember = this.#members.remove(mpid) > 0
      const { rowsWritten } = this.#sql.exec('DELETE FROM profiles WHERE mpid = ?', mpid)
      return isMember || rowsWritten > 0
    })
  }

  /** Lets a profile be found by identities, whose hashes are of this shard. */
  link(hashes: string[], mpid: string): void {
    this.ctx.storage.transactionSync(() => this.#links.add(hashes, mpid))
  }

  unlink(hashes: string[], mpid: string): void {
    this.ctx.storage.transactionSync(() => this.#links.remove(hashes, mpid))
  }

  /** The mpids that hashes of this shard lead to, at most `limit` of each. */
  linked(hashes: string[], limit: number): string[] {
    return this.#links.find(hashes, limit)
  }

  /** Counts what a profile tells of its memberships. */
  note(mpid: string, changed: Changed[]): void {
    this.ctx.storage.transactionSync(() => this.#members.note(mpid, changed))
  }

  /** Of the profiles of this shard. */
  audience(id: string, limit: number): { size: number; changes: ToldChange[] } {
    return { size: this.#members.size(id), changes: this.#members.latest(id, limit) }
  }

  /** Lets all profiles meet the rules of a version of the workspace, unless they have. */
  async walk(version: number): Promise<void> {
    await this.#beginWalk(version)
    if (!this.#walk.progress().walking) return
    const wanted = Date.now() + walkDelayMs
    const alarm = await this.ctx.storage.getAlarm()
    if (alarm === null || alarm > wanted) await this.ctx.storage.setAlarm(wanted)
  }

  /** Of the walk for a version of the workspace, which begins now unless it has. */
  async walkProgress(version: number): Promise<WalkProgress & { profiles: number }> {
    await this.walk(version)
    return { ...this.#walk.progress(), profiles: this.count() }
  }

  async #beginWalk(version: number): Promise<Snapshot> {
    const snapshot = await workspaceSnapshot(this.env, (one) => this.ctx.waitUntil(one), version)
    const rules = rulesHash(snapshot)
    this.ctx.storage.transactionSync(() => {
      if (this.#walk.begin(rules, Date.now())) {
        this.#members.keepOnly(snapshot.audiences.audiences.map(({ id }) => id))
      }
    })
    return snapshot
  }

  count(): number {
    return this.#sql.exec<{ n: number }>('SELECT COUNT(*) AS n FROM profiles').one().n
  }

  /** How many profiles there are, in all and inside each audience. */
  population(): { profiles: number; sizes: Record<string, number> } {
    return { profiles: this.count(), sizes: this.#members.sizes() }
  }

  /** The mpids after `after`, in order, at most `limit`. */
  page(after: string, limit: number): string[] {
    return this.#sql
      .exec<{ mpid: string }>(
        'SELECT mpid FROM profiles WHERE mpid > ? ORDER BY mpid LIMIT ?',
        after,
        limit
      )
      .toArray()
      .map((row) => row.mpid)
  }

  override async alarm(): Promise<void> {
    let next = Date.now() + sweepMs
    try {
      if (await this.#sweep()) next = Date.now()
    } catch (error) {
      log('error', 'The sweep of idle profiles failed and will go on tomorrow.', failure(error))
    }
    try {
      if (await this.#goOn()) next = Date.now()
    } catch (error) {
      log('warn', 'The walk over profiles failed and will go on.', failure(error))
      next = Math.min(next, Date.now() + walkRetryMs)
    }
    next = Math.min(next, Math.max(this.#walk.againMs() ?? next, Date.now()))
    if (this.count() > 0) await this.ctx.storage.setAlarm(next)
  }

  // Also begins a walk that whoever saved the workspace could not begin.
  async #goOn(): Promise<boolean> {
    const { version } = await this.#beginWalk(0)
    this.#walk.beginAgain(Date.now())
    return this.#walk.step(this.env, version, {
      page: (after, limit) => this.page(after, limit),
      met: (mpid, audiences) =>
        this.ctx.storage.transactionSync(() => this.#members.set(mpid, audiences)),
    })
  }

  /** @returns whether there is more to ask right away */
  async #sweep(): Promise<boolean> {
    const due = this.#sql
      .exec<{ mpid: string; check_ms: number }>(
        'SELECT mpid, check_ms FROM profiles WHERE check_ms <= ? LIMIT ?',
        Date.now(),
        sweepPage
      )
      .toArray()
    for (const { mpid, check_ms } of due) {
      try {
        await this.#check(mpid, check_ms)
      } catch (error) {
        // The others must not wait for it.
        log('warn', 'A profile could not be asked whether it is idle.', failure(error))
        this.#sql.exec(
          'UPDATE profiles SET check_ms = ? WHERE mpid = ?',
          Date.now() + sweepMs,
          mpid
        )
      }
    }
    return due.length === sweepPage
  }

  async #check(mpid: string, checkMs: number): Promise<void> {
    const last = await objectsOf(this.env).PROFILE.getByName(mpid).expire(this.#idleMs())
    // A profile that came back to life meanwhile has registered again, with a later check.
    if (last === undefined) {
      this.#sql.exec('DELETE FROM profiles WHERE mpid = ? AND check_ms = ?', mpid, checkMs)
      return
    }
    const check = Math.max(last + this.#idleMs(), Date.now() + sweepMs)
    this.#sql.exec('UPDATE profiles SET check_ms = ? WHERE mpid = ?', check, mpid)
  }

  #idleMs(): number {
    return numberVariable(this.env.PROFILE_DAYS, 30) * dayMs
  }
}
