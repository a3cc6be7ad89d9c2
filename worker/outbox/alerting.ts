import { type Alert, isPostable } from '../alerts/alert'
import {
  type Episode,
  evaluate,
  type Facts,
  isEmptyEpisode,
  type Notification,
  nextEvaluationMs,
  noEpisode,
  withAttempt,
  withoutDelivered,
  withoutExpired,
} from '../alerts/episode'
import { type AlertMessage, postAlert, timeoutMs } from '../alerts/webhook'
import { own } from '../base/json'
import { failure, log } from '../base/log'
import { reasonClass } from '../base/reason'
import { type Bindings, configKeys, deploymentOf } from '../config/deployment'
import { openAlertSecret } from '../config/secrets'
import { waitBeforeRetry } from '../delivery'
import type { OutputHealth } from './sending/health'
import { laneDueMs } from './sending/schedule'
import type { Candidate, TargetCache } from './sending/target'
import type { OutboxStore } from './store/store'

interface AlertedConnection {
  alerts: Alert[]
  /** Undefined while it does not deliver. */
  candidate: Candidate | undefined
}

interface Parts {
  env: Bindings
  store: OutboxStore
  health: OutputHealth
  targets: TargetCache
  name: () => string | undefined
  waitUntil: (promise: Promise<unknown>) => void
  /** Called after a notification was delivered, since another may be due. */
  arm: () => Promise<void>
}

/**
 * Notifies the workspace's alerts of an outbox in trouble. The episodes are stored with its health.
 * Notifications are posted beside deliveries, which do not wait for them.
 */
export class Alerting {
  constructor(private readonly parts: Parts) {}

  #episode(id: string): Episode {
    return own(this.parts.health.current.alerts ?? {}, id) ?? noEpisode
  }

  // Asked after each commit, and most outboxes have nothing to report.
  get #isQuiet(): boolean {
    const { store, health } = this.parts
    const { condition, alerts } = health.current
    return condition.state === 'ok' && !alerts && store.segments.bytes === 0
  }

  /** When the outbox is to wake, ms: for its alerts, or at `otherMs` if that is earlier. */
  async dueMs(connection: string, otherMs: number | undefined): Promise<number | undefined> {
    const alerted = await this.#read(connection)
    if (!alerted) return otherMs
    const facts = this.#facts(alerted.candidate)
    const times = alerted.alerts.flatMap(
      (alert) => nextEvaluationMs(this.#episode(alert.id), facts, alert) ?? []
    )
    if (otherMs !== undefined) times.push(otherMs)
    return times.length === 0 ? undefined : Math.max(Date.now(), Math.min(...times))
  }

  /** Evaluates the alerts, and begins to post what is due. */
  async check(connection: string): Promise<void> {
    const alerted = await this.#read(connection)
    if (!alerted) return
    const nowMs = Date.now()
    const facts = this.#facts(alerted.candidate)
    const due: [Alert, Notification][] = []
    const episodes = alerted.alerts.map((alert): [string, Episode] => {
      const before = this.#withoutExpired(alert, nowMs)
      // A paused connection is expected not to deliver.
      const episode = alerted.candidate
        ? evaluate(before, { facts, limits: alert, nowMs }, () => crypto.randomUUID())
        : before
      const [notification] = episode.notifications
      if (!notification || episode.next_ms > nowMs) return [alert.id, episode]
      due.push([alert, notification])
      return [alert.id, withAttempt(episode, nowMs, waitMs(episode))]
    })
    this.#save(episodes)
    for (const [alert, notification] of due) {
      this.parts.waitUntil(this.#deliver(alert, notification))
    }
  }

  async #read(connection: string): Promise<AlertedConnection | undefined> {
    if (this.#isQuiet) return undefined
    const { targets, name, health } = this.parts
    try {
      const alerts = await targets.alerts()
      if (alerts.length === 0 && !health.current.alerts) return undefined
      return { alerts, candidate: await targets.candidate(connection) }
    } catch (error) {
      const fields = { outbox: name(), ...failure(error) }
      log('warn', 'The alerts could not be read; the next alarm reads them again.', fields)
      return undefined
    }
  }

  #withoutExpired({ id }: Alert, nowMs: number): Episode {
    const episode = this.#episode(id)
    const retained = withoutExpired(episode, nowMs)
    if (retained !== episode) {
      log('error', 'An alert could not be delivered within a day and is dropped.', this.#fields(id))
    }
    return retained
  }

  #save(episodes: [string, Episode][]): void {
    const stored = episodes.filter(([, episode]) => !isEmptyEpisode(episode))
    this.parts.health.saveAlerts(stored.length === 0 ? undefined : Object.fromEntries(stored))
  }

  #fields(alert: string): Record<string, unknown> {
    return { outbox: this.parts.name(), alert }
  }

  #facts(candidate: Candidate | undefined): Facts {
    if (!candidate) return {}
    const { condition } = this.parts.health.current
    return {
      failing_since_ms: condition.state === 'ok' ? undefined : condition.since_ms,
      late_since_ms: lateSinceMs(this.parts.store, candidate),
    }
  }

  async #deliver(alert: Alert, notification: Notification): Promise<void> {
    const { env, health, arm } = this.parts
    const reason = await this.#post(alert, notification, env)
    if (reason !== undefined) {
      const fields = { ...this.#fields(alert.id), reason }
      log('warn', 'An alert could not be delivered and will be retried.', fields)
      return
    }
    const episode = withoutDelivered(this.#episode(alert.id), notification.id)
    const others = Object.entries(health.current.alerts ?? {}).filter(([id]) => id !== alert.id)
    this.#save([...others, [alert.id, episode]])
    if (episode.notifications.length > 0) await arm()
  }

  /** @returns why it failed; undefined when it was delivered */
  async #post(
    alert: Alert,
    notification: Notification,
    env: Bindings
  ): Promise<string | undefined> {
    if (!isPostable(alert.url, deploymentOf(env))) return 'The deployment does not allow its URL'
    try {
      const secret = await openAlertSecret(alert, configKeys(env))
      return await postAlert(alert.url, this.#message(alert, notification), secret)
    } catch {
      return 'Its secret cannot be opened'
    }
  }

  #message({ id }: Alert, notification: Notification): AlertMessage {
    const { store, health, name } = this.parts
    const [connection = '', shard] = (name() ?? '').split('/')
    const { condition } = health.current
    const { deliveries, events, oldest_ms } = store.segments.sums()
    return {
      ...notification,
      alert: id,
      connection,
      shard: Number(shard ?? 0),
      reason: this.#reason(notification),
      status: {
        state: condition.state,
        attempts: health.attempts,
        next_attempt_ms: ('next_ms' in condition && condition.next_ms) || null,
        waiting: { deliveries, events, bytes: store.segments.bytes, oldest_ms },
      },
    }
  }

  #reason({ type }: Notification): string {
    const { condition, last_error } = this.parts.health.current
    if (type === 'connection_recovered') return 'The output takes deliveries again.'
    if (condition.state === 'ok' || !last_error) return 'The output takes less than comes in.'
    return reasonClass(last_error.reason)
  }
}

// Since when the oldest waiting delivery has been due, also if it is in a planned file.
const lateSinceMs = ({ segments }: OutboxStore, candidate: Candidate): number | undefined => {
  for (const { opened_ms } of segments.all()) {
    return Math.max(opened_ms, laneDueMs(candidate, { bytes: 0, deliveries: 0, opened_ms }))
  }
  return undefined
}

// An attempt has ended before the next one begins.
const waitMs = ({ attempts }: Episode): number =>
  timeoutMs + waitBeforeRetry({ kind: 'retry', reason: '' }, attempts + 1, Math.random())
