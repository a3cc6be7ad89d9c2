import type { Client } from './api'
import type { Core } from './core'
import { envelope } from './envelope'
import { recordView } from './events'
import type { ClientOptions, RecordedEvent } from './options'
import { createQueue } from './queue'
import { createStore } from './storage'
import type { AnyEvents, EventMap } from './typed-events'
import { createUploads } from './uploads'
import { changeIdentities, USER } from './user'
import { uuid } from './uuid'
import { warn } from './warn'

const TICK_MS = 60_000
// The batches of the page before this one can be adopted only after this time: see CLAIM_MS in
// tabs.ts.
const ADOPT_MS = 1000

// The worker accepts at most 256 KiB.
const EVENT_CHARS = 250_000

/**
 * Creates a client. It sends no request until something is recorded. Clients with different keys
 * have separate events, users and sessions.
 *
 * @typeParam E attributes by event name, for `track` to check
 * @example
 * const weir = createClient({ key: 'demo-web-key', endpoint: 'https://events.example.com' })
 * weir.track('Signed up', { plan: 'free' })
 *
 * @example
 * interface Events { 'Signed up': { plan: 'free' | 'pro' }; 'Logged out': undefined }
 * const weir = createClient<Events>({ key: 'demo-web-key' })
 * weir.track('Signed up', { plan: 'gold' }) // does not compile
 */
export function createClient<E extends EventMap<E> = AnyEvents>(options: ClientOptions): Client<E>
export function createClient(options: ClientOptions): Client {
  const { key, endpoint = globalThis.location?.origin ?? '', onEvent } = options
  const url = `${endpoint.replace(/\/$/, '')}/in/${key}`
  const store = createStore(key)
  const closing = new AbortController()
  const closed = closing.signal
  const queue = createQueue(store, options, (requestId) => envelope(options, store, requestId))
  const uploads = createUploads(queue, url, options, closed)
  // Ids of one page differ only in their last group, so that they compress to a few bytes each.
  const idStart = uuid().slice(0, 24)
  let count = 1e11
  let isLeaving = false
  let ticking: ReturnType<typeof setInterval> | undefined

  // On a page that is being left no timer fires: send now, or leave it to another page.
  const sendSoon = () => (isLeaving ? uploads.leave() : uploads.arm())

  const record = (event_type: string, fields: object) => {
    const event: RecordedEvent = {
      event_type,
      data: { timestamp_unixtime_ms: Date.now(), source_message_id: idStart + count++, ...fields },
    }
    if (core.hooks.some((hook) => hook(event) === false)) return
    const text = JSON.stringify(event)
    if (text.length > EVENT_CHARS) throw RangeError('too large')
    queue.append(text, `${event.data.session_uuid} ${store.get(USER)}`)
    sendSoon()
  }

  const adopt = () =>
    setTimeout(async () => {
      await queue.adopt()
      if (closed.aborted) queue.abandon()
      else uploads.arm()
    }, ADOPT_MS)

  // For public methods: they do nothing once the client is closed, and warn instead of throwing.
  const guarded =
    <A extends unknown[], R>(act: (...args: A) => R) =>
    (...args: A): R | undefined => {
      try {
        return closed.aborted ? undefined : act(...args)
      } catch (error) {
        warn('event lost', error)
        return undefined
      }
    }

  const close = () => {
    uploads.leave()
    queue.abandon()
    clearInterval(ticking)
    closing.abort()
  }

  // There is no addEventListener on a server that renders the page.
  const on: Core['on'] = (
    type: string,
    listener: EventListenerOrEventListenerObject,
    listening?: AddEventListenerOptions
  ) => globalThis.addEventListener?.(type, listener, { ...listening, signal: closed })

  const core: Core = {
    options,
    store,
    url,
    closed,
    on,
    record: guarded(record),
    post: (body) => {
      queue.post(body)
      sendSoon()
    },
    hooks: onEvent ? [onEvent] : [],
    beforeUserChange: () => {},
    onTick: () => {},
    close,
  }

  const client: Client = {
    track: guarded((event_name, custom_attributes, { type = 'other', flags, location } = {}) =>
      record('custom_event', {
        event_name,
        custom_event_type: type,
        custom_attributes,
        custom_flags: flags,
        location,
      })
    ),
    page: guarded((name, attributes) =>
      // Web workers have a location, but no document.
      recordView(record, name ?? (globalThis.document?.title || location.pathname), attributes)
    ),
    identify: guarded((identities) => {
      core.beforeUserChange()
      changeIdentities(core, identities)
    }),
    flush: async () => !closed.aborted && uploads.flush(),
    close: guarded(close),
    use: (feature) => {
      const methods = feature(core)
      for (const [name, method] of Object.entries(methods))
        Reflect.set(methods, name, guarded(method))
      return Object.assign(client, methods)
    },
  }

  const resume = () => {
    void uploads.start()
    adopt()
  }
  // Mobile browsers end hidden pages without a further event.
  on('visibilitychange', () => (document.visibilityState === 'hidden' ? uploads.leave() : resume()))
  on('online', resume)
  // The page ends, or is frozen in the back/forward cache, from which it may return.
  on('pagehide', () => {
    uploads.leave()
    isLeaving = true
    queue.abandon()
  })
  on('pageshow', () => {
    isLeaving = false
    adopt()
  })
  if (globalThis.location) {
    adopt()
    ticking = setInterval(() => {
      core.onTick()
      adopt()
    }, TICK_MS)
  } else closing.abort()
  return client
}
