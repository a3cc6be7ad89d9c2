import { envelope } from './envelope'
import * as events from './events'
import { watchPage } from './lifecycle'
import type { ClientOptions } from './options'
import { createQueue } from './queue'
import { createRecords } from './records'
import { createSessions, type Session } from './session'
import { createStore } from './storage'
import { createTabs } from './tabs'
import { createUploads } from './uploads'
import * as user from './user'
import { uuid } from './uuid'
import { warn } from './warn'

/**
 * Sends one input's events. No method throws; every one returns before anything goes over the
 * network, and what it recorded is stored by then.
 */
export interface Client {
  /**
   * Records a custom event.
   *
   * @param name what happened
   * @param attributes what belongs to it. What JSON cannot carry, such as a cycle, loses the event
   *   with a warning on the console.
   * @param details its type (default `other`), custom flags, location
   * @example
   * weir.track('Added to list', { sku: 'W-42', price: 19.9 }, { type: 'user_preference' })
   */
  track(name: string, attributes?: user.Attributes, details?: events.EventDetails): void

  /**
   * Records a screen view of the page, its address included. Nothing records them by itself.
   *
   * @param name default `document.title`, or the path when that is empty
   * @example
   * weir.page('Product', { sku: 'W-42' })
   */
  page(name?: string, attributes?: user.Attributes): void

  /**
   * Says who the user is, from here on and in all tabs, until said otherwise. Each identity that
   * changes is recorded. Events before and after a change never share a batch.
   *
   * @param identities by type; `null` takes one away, one left out stays
   * @example
   * weir.identify({ customer_id: 'c-42', email: 'ada@example.org' })
   * weir.identify({ customer_id: null, email: null }) // logged out
   */
  identify(identities: user.Identities): void

  /**
   * Sets attributes of the user, from here on and in all tabs. Each attribute that changes is
   * recorded. Those left out stay.
   *
   * @param attributes by name; `null` makes a tag
   * @example
   * weir.setUserAttributes({ plan: 'pro', colours: ['teal', 'sand'], 'beta tester': null })
   */
  setUserAttributes(attributes: user.UserAttributes): void

  /**
   * Sends every waiting event now instead of at the next upload.
   *
   * @returns `true` once the server has taken them. `false` when it refused some, could not be
   *   reached or asked for patience: what it did not refuse stays stored and goes out later. Never
   *   rejects.
   * @example
   * await weir.flush()
   */
  flush(): Promise<boolean>

  /**
   * Sends what is waiting as a page that is left does, and stops. What was not delivered stays
   * stored for the next client with this key. Later calls do nothing.
   *
   * @example
   * weir.close()
   */
  close(): void
}

const ADOPT_MS = 60_000

/**
 * Starts a client. It is quiet until something is recorded: no request, no settings to fetch.
 * Clients with different keys do not touch each other's events, users or sessions.
 *
 * @example
 * const weir = createClient({ key: 'demo-web-key', endpoint: 'https://events.example.com' })
 * weir.track('Signed up', { plan: 'free' })
 */
export const createClient = (options: ClientOptions): Client => {
  const store = createStore(options.key)
  const sessions = createSessions(store, options.sessionTimeoutMs ?? 1_800_000)
  const records = createRecords(store, options.storedChars ?? 4_194_304)
  const queue = createQueue(records, createTabs(store, options.key), (requestId) =>
    envelope(options, store, requestId)
  )
  const uploads = createUploads(queue, records, options)

  // Ids of one page differ in their last group alone, which compresses to a few bytes each.
  const idStart = uuid().slice(0, 24)
  let count = 0
  let isLeaving = false
  let isClosed = false

  const append = ([event_type, data]: events.Fact, session: Session, timeMs: number) => {
    const common = {
      timestamp_unixtime_ms: timeMs,
      source_message_id: idStart + (++count).toString(16).padStart(12, '0'),
      session_uuid: session.id,
      session_start_unixtime_ms: session.startMs,
    }
    const context = {
      scope: `${session.id} ${store.get(user.IDENTITIES)}`,
      attributes: store.get(user.ATTRIBUTES),
    }
    queue.append({ event_type, data: { ...data, ...common } }, context, Date.now())
    // No timer fires on a page that is leaving: it is now or on another page.
    if (isLeaving) uploads.leave()
    else uploads.arm()
  }

  const end = (session: Session) => {
    const session_duration_ms = session.lastMs - session.startMs
    append(['session_end', { session_duration_ms }], session, session.lastMs)
  }

  const enter = (nowMs: number): Session => {
    const { session, isNew, ended } = sessions.visit(nowMs)
    if (ended) end(ended)
    if (isNew) append(['session_start', {}], session, nowMs)
    return session
  }

  const record = (fact: events.Fact) => {
    const nowMs = Date.now()
    append(fact, enter(nowMs), nowMs)
  }

  const adopt = async () => {
    await queue.adopt()
    if (isClosed) queue.abandon()
    else uploads.arm()
  }

  const tick = () => {
    const ended = sessions.expire(Date.now())
    if (ended) end(ended)
    void adopt()
  }

  /** What a page may call: does nothing once closed, and complains instead of throwing. */
  const guarded =
    <A extends unknown[]>(act: (...args: A) => void) =>
    (...args: A): void => {
      try {
        if (!isClosed) act(...args)
      } catch (error) {
        warn('an event was lost', error)
      }
    }

  const stopWatching = watchPage({
    hidden: uploads.leave,
    gone: () => {
      uploads.leave()
      isLeaving = true
      queue.abandon()
    },
    restored: () => {
      isLeaving = false
      void adopt()
    },
    back: () => {
      uploads.retry()
      void adopt()
    },
  })
  const ticking = setInterval(tick, ADOPT_MS)
  setTimeout(adopt)

  return {
    track: guarded((name, attributes, details) =>
      record(events.customEvent(name, attributes, details ?? {}))
    ),
    page: guarded((name, attributes) => record(events.screenView(name, attributes))),
    identify: guarded((identities) => {
      const nowMs = Date.now()
      // First, since the end of an earlier session is the earlier user's.
      enter(nowMs)
      for (const change of user.mergeIdentities(store, identities))
        record(events.identityChange(change, nowMs))
    }),
    setUserAttributes: guarded((attributes) => {
      for (const change of user.mergeAttributes(store, attributes))
        record(events.attributeChange(change))
    }),
    flush: async () => !isClosed && uploads.flush(),
    close: guarded(() => {
      isClosed = true
      uploads.leave()
      uploads.stop()
      queue.abandon()
      clearInterval(ticking)
      stopWatching()
    }),
  }
}
