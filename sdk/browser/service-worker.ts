import { type Introduction, pushMessage } from './push-message'
import { isFinal, post } from './transport'
import { uuid } from './uuid'

/*
 * A service worker has no localStorage. Its data is in the Cache Storage `weir`, at addresses that no
 * page requests:
 *   /weir/<key>/       the page's introduction
 *   /weir/<key>/<id>   an upload that the server has not accepted yet
 */

/** The event of a push, or of a click on its notification. */
interface PushEventLike extends Event {
  data?: { text(): string } | null
  notification?: { title: string; data: unknown }
  action?: string
  waitUntil(done: Promise<unknown>): void
}

const isPushEvent = (event: Event): event is PushEventLike => 'waitUntil' in event

const readIntroduction = async (cache: Cache, path: string): Promise<Introduction | undefined> =>
  (await cache.match(path))?.json()

/** Sends the stored uploads. */
const upload = async (cache: Cache, path: string, url: string): Promise<void> => {
  for (const request of await cache.keys()) {
    const { pathname } = new URL(request.url)
    if (!pathname.startsWith(path) || pathname === path) continue
    const body = (await (await cache.match(request))?.text()) ?? '{}'
    const stamped = `${body.slice(0, -1)},"sent_unixtime_ms":${Date.now()}}`
    if (isFinal((await post(url, stamped, false)).status)) await cache.delete(request)
  }
}

/**
 * Records each push message and each click on a notification. Call it in a service worker when that
 * starts. Events belong to the user that the page had when it called `registerPush`; before that,
 * nothing is recorded. Events that cannot be sent stay stored until the next message or page.
 *
 * @param key the key of the page's client
 * @example
 * importScripts('https://events.example.com/weir-push.js')
 * weirPush.watchPush('demo-web-key')
 */
export const watchPush = (key: string): void => {
  const path = `/weir/${encodeURIComponent(key)}/`

  const record = async (data: object) => {
    const cache = await caches.open('weir')
    const [, , url, head] = (await readIntroduction(cache, path)) ?? []
    if (!url || !head) return
    const id = uuid()
    const timestamp_unixtime_ms = Date.now()
    const common = { timestamp_unixtime_ms, source_message_id: id }
    const events = [{ event_type: 'push_message', data: { ...common, ...data } }]
    const batch = { ...JSON.parse(head), source_request_id: id, events }
    await cache.put(path + id, new Response(JSON.stringify(batch)))
    await upload(cache, path, url)
  }

  const store = async (introduction: Introduction) => {
    const cache = await caches.open('weir')
    await cache.put(path, new Response(JSON.stringify(introduction)))
    await upload(cache, path, introduction[2])
  }

  const on = (type: string, act: (event: PushEventLike) => Promise<void> | undefined) =>
    addEventListener(type, (event) => {
      const done = isPushEvent(event) ? act(event) : undefined
      if (done && isPushEvent(event)) event.waitUntil(done)
    })
  on('push', ({ data }) => record(pushMessage('received', { payload: data?.text() })))
  on('notificationclick', ({ notification, action }) =>
    record(
      pushMessage('action', { payload: notification?.data, message: notification?.title, action })
    )
  )
  addEventListener('message', (event: MessageEvent) => {
    const { data } = event
    if (!Array.isArray(data) || data[0] !== 'weir' || data[1] !== key) return
    const done = store(['weir', key, String(data[2]), String(data[3])])
    if (isPushEvent(event)) event.waitUntil(done)
  })
}
