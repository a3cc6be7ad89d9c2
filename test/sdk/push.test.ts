import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Collector, startCollector } from './collector'
import { eventually, launch, openPage, type Site, startSite } from './harness'

let browser: Browser
let site: Site
let collector: Collector
let context: BrowserContext

beforeAll(async () => {
  browser = await launch()
})
afterAll(async () => {
  await browser.close()
})
beforeEach(async () => {
  // A separate origin, because service workers outlive their pages.
  site = await startSite()
  collector = await startCollector()
  context = await browser.newContext()
  site.script('/sw.js', "importScripts('/weir-push.js'); weirPush.watchPush('test-key')")
})
afterEach(async () => {
  await context.close()
  collector.close()
  site.close()
})

const open = () => openPage(context, site, collector, {}, '/weir-full.js')

/** Starts the service worker. @returns how to push a message to it */
const startWorker = async (page: Page) => {
  const cdp: CDPSession = await context.newCDPSession(page)
  const registrations: string[] = []
  cdp.on('ServiceWorker.workerRegistrationUpdated', ({ registrations: updated }) => {
    registrations.push(...updated.map(({ registrationId }) => registrationId))
  })
  await cdp.send('ServiceWorker.enable')
  await page.evaluate(
    "navigator.serviceWorker.register('/sw.js').then(() => navigator.serviceWorker.ready)"
  )
  await eventually(() => registrations.length).toBeGreaterThan(0)
  return (data: string) =>
    cdp.send('ServiceWorker.deliverPushMessage', {
      origin: site.origin,
      registrationId: registrations[0] ?? '',
      data,
    })
}

const introduced = (page: Page) =>
  eventually(() =>
    page.evaluate("caches.open('weir').then((cache) => cache.keys()).then((keys) => keys.length)")
  ).toBeGreaterThan(0)

describe('push', { timeout: 60_000 }, () => {
  it('records the registration of a token, and what the page does with messages', async () => {
    const page = await open()
    await page.evaluate(`weir.registerPush('token-1'); weir.unregisterPush({ endpoint: 'https://push.example.org' })
      weir.trackPush('action', { payload: { id: 7 }, message: 'Rain!', action: 'buy', token: 'token-1' })`)
    await eventually(() => collector.events('push_message')).toHaveLength(1)
    expect(collector.events('push_registration').map((event) => event.data)).toMatchObject([
      { register: true, registration_token: 'token-1' },
      { register: false, registration_token: '{"endpoint":"https://push.example.org"}' },
    ])
    expect(collector.events('push_message')[0]?.data).toMatchObject({
      push_message_type: 'action',
      push_message_token: 'token-1',
      push_notification_payload: '{"id":7}',
      message: 'Rain!',
      action_identifier: 'buy',
      application_state: 'foreground',
    })
  })

  it('is recorded by the service worker, as the user of the page, without a page', async () => {
    const page = await open()
    const push = await startWorker(page)
    await page.evaluate(
      "weir.identify({ customer_id: 'c-1' }); weir.registerPush('token-1'); weir.flush()"
    )
    await introduced(page)
    await push('{"sale":1}')
    await eventually(() => collector.events('push_message')).toHaveLength(1)
    const batch = collector.batches().at(-1)
    expect(batch).toMatchObject({
      user_identities: { customer_id: 'c-1' },
      mp_deviceid: collector.batches()[0]?.mp_deviceid,
      sent_unixtime_ms: expect.any(Number),
    })
    expect(batch?.events[0]?.data).toMatchObject({
      push_message_type: 'received',
      push_notification_payload: '{"sale":1}',
      application_state: 'background',
      source_message_id: batch?.source_request_id,
    })
  })

  it('waits in the service worker while the server is down, and is sent once', async () => {
    const page = await open()
    const push = await startWorker(page)
    await page.evaluate("weir.registerPush('token-1'); weir.flush()")
    await introduced(page)
    collector.answerNext(503)
    await push('one')
    await eventually(() => collector.uploads.at(-1)?.status).toBe(503)
    await push('two')
    await eventually(() =>
      collector
        .events('push_message')
        .map((event) => event.data.push_notification_payload)
        .sort()
    ).toEqual(['one', 'two'])
  })

  it('is not recorded before a page has passed the user', async () => {
    const page = await open()
    const push = await startWorker(page)
    await push('early')
    await page.evaluate("weir.registerPush('token-1'); weir.flush()")
    await introduced(page)
    await push('late')
    await eventually(() =>
      collector.events('push_message').map((event) => event.data.push_notification_payload)
    ).toEqual(['late'])
  })
})
