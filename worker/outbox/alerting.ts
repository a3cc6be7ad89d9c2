import { type Alert, isPostable } from '../alerts/alert'
import {
  afterLook,
  begunTry,
  type Episode,
  type Facts,
  isNothing,
  lookDueMs,
  type Notice,
  noEpisode,
  withoutNotice,
  withoutOld,
} from '../alerts/episode'
import { type AlertMessage, patienceMs, postAlert } from '../alerts/webhook'
import { own } from '../base/json'
import { failure, log } from '../base/log'
import { reasonClass } from '../base/reason'
import { type Bindings, configKeys, deploymentOf } from '../config/deployment'
import { openAlertSecret } from '../config/secrets'
import { waitBeforeRetry } from '../delivery'
import type { Condition } from './sending/condition'
import { dueMs } from './sending/due'
import type { Candidate } from './sending/target'
import type { OwnTarget } from './sending/target-cache'
import type { OutboxStore } from './store/store'

interface Known {
  alerts: Alert[]
  /** The connection, if it delivers. */
  candidate: Candidate | undefined
}

interface Parts {
  env: Bindings
  store: OutboxStore
  condition: Condition
  target: OwnTarget
  name: () => string | undefined
  waitUntil: (promise: Promise<unknown>) => void
  /** Called when a notice was taken, and another may be due. */
  arm: () => Promise<void>
}

/**
 * Tells the workspace's alerts what befalls an outbox. What they were told is stored with its health;
 * messages are posted beside deliveries, which do not wait for them.
 */
export class Alerting {
  constructor(private readonly parts: Parts) {}

  #episode(id: string): Episode {
    return own(this.parts.condition.health.alerts ?? {}, id) ?? noEpisode
  }

  // Most outboxes are asked after each commit and have nothing to tell.
  get #isQuiet(): boolean {
    const { store, condition } = this.parts
    const { state, alerts } = condition.health
    return state === 'ok' && !alerts && store.segments.bytes === 0
  }

  /** When the outbox is to wake, ms: for its alerts, or before for what else is to be done. */
  async dueMs(connection: string, other: number | undefined): Promise<number | undefined> {
    const known = await this.#known(connection)
    if (!known) return other
    const facts = this.#facts(known.candidate)
    const times = known.alerts.flatMap((one) => lookDueMs(this.#episode(one.id), facts, one) ?? [])
    if (other !== undefined) times.push(other)
    return times.length === 0 ? undefined : Math.max(Date.now(), Math.min(...times))
  }

  /** Looks whether there is something to tell, and begins to tell it. Never throws. */
  async look(connection: string): Promise<void> {
    const known = await this.#known(connection)
    if (!known) return
    const now = Date.now()
    const facts = this.#facts(known.candidate)
    const begun: [Alert, Notice][] = []
    const episodes = known.alerts.map((alert): [string, Episode] => {
      const before = this.#withoutOld(alert, now)
      const looking = { facts, limits: alert, now }
      // Who has paused a connection knows that it does not deliver.
      const isLive = known.candidate !== undefined
      const episode = isLive ? afterLook(before, looking, () => crypto.randomUUID()) : before
      const [notice] = episode.notices
      if (!notice || episode.next_ms > now) return [alert.id, episode]
      begun.push([alert, notice])
      return [alert.id, begunTry(episode, now, waitMs(episode))]
    })
    this.#save(episodes)
    for (const [alert, notice] of begun) this.parts.waitUntil(this.#tell(alert, notice))
  }

  async #known(connection: string): Promise<Known | undefined> {
    if (this.#isQuiet) return undefined
    const { target, name } = this.parts
    try {
      const alerts = await target.alerts()
      if (alerts.length === 0 && !this.parts.condition.health.alerts) return undefined
      return { alerts, candidate: await target.candidate(connection) }
    } catch (error) {
      const fields = { outbox: name(), ...failure(error) }
      log('warn', 'The alerts could not be read and will be with the next alarm.', fields)
      return undefined
    }
  }

  #withoutOld({ id }: Alert, now: number): Episode {
    const episode = this.#episode(id)
    const kept = withoutOld(episode, now)
    if (kept !== episode) {
      log('error', 'An alert was not taken within a day and is given up.', this.#fields(id))
    }
    return kept
  }

  #save(episodes: [string, Episode][]): void {
    const left = episodes.filter(([, episode]) => !isNothing(episode))
    this.parts.condition.saveAlerts(left.length === 0 ? undefined : Object.fromEntries(left))
  }

  #fields(alert: string): Record<string, unknown> {
    return { outbox: this.parts.name(), alert }
  }

  // A paused connection is in no trouble.
  #facts(candidate: Candidate | undefined): Facts {
    if (!candidate) return {}
    const { state, since_ms } = this.parts.condition.health
    return {
      failing_since_ms: state === 'ok' ? undefined : since_ms,
      late_since_ms: lateSinceMs(this.parts.store, candidate),
    }
  }

  async #tell(alert: Alert, notice: Notice): Promise<void> {
    const { env, condition, arm } = this.parts
    const failed = await this.#post(alert, notice, env)
    if (failed === undefined) {
      const left = withoutNotice(this.#episode(alert.id), notice.id)
      const others = Object.entries(condition.health.alerts ?? {})
      this.#save([...others.filter(([id]) => id !== alert.id), [alert.id, left]])
      if (left.notices.length > 0) await arm()
      return
    }
    const fields = { ...this.#fields(alert.id), reason: failed }
    log('warn', 'An alert was not taken and will be sent again.', fields)
  }

  async #post(alert: Alert, notice: Notice, env: Bindings): Promise<string | undefined> {
    if (!isPostable(alert.url, deploymentOf(env))) return 'The deployment does not allow its URL'
    try {
      const secret = await openAlertSecret(alert, configKeys(env))
      return await postAlert(alert.url, this.#message(alert, notice), secret)
    } catch {
      return 'Its secret cannot be opened'
    }
  }

  #message({ id }: Alert, notice: Notice): AlertMessage {
    const { store, condition } = this.parts
    const [connection = '', shard] = (this.parts.name() ?? '').split('/')
    const { state, attempts, next_ms } = condition.health
    const { deliveries, events, oldest_ms } = store.segments.sums()
    return {
      ...notice,
      alert: id,
      connection,
      shard: Number(shard ?? 0),
      reason: this.#reason(notice),
      status: {
        state,
        attempts,
        next_attempt_ms: state === 'ok' || next_ms === 0 ? null : next_ms,
        waiting: { deliveries, events, bytes: store.segments.bytes, oldest_ms },
      },
    }
  }

  #reason({ type }: Notice): string {
    const { state, last_error } = this.parts.condition.health
    if (type === 'connection_recovered') return 'The output takes deliveries again.'
    if (state === 'ok' || !last_error) return 'The output takes less than comes in.'
    return reasonClass(last_error.reason)
  }
}

// Since what waits longest was due, also when a file is planned of it.
const lateSinceMs = ({ segments }: OutboxStore, candidate: Candidate): number | undefined => {
  for (const { seq, lane, opened_ms } of segments.all()) {
    const state = { first_seq: seq, bytes: 0, deliveries: 0, opened_ms }
    return Math.max(opened_ms, dueMs(candidate, lane, state))
  }
  return undefined
}

// A try has ended before the next one begins.
const waitMs = ({ attempts }: Episode): number =>
  patienceMs + waitBeforeRetry({ kind: 'retry', reason: '' }, attempts + 1, Math.random())
