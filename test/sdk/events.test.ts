import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import pkg from '../../package.json' with { type: 'json' }
import { type Collector, startCollector } from './collector'
import { eventually, launch, openPage, type Site, STORED, sdkPage, startSite } from './harness'

let browser: Browser
let site: Site
let collector: Collector
let context: BrowserContext

beforeAll(async () => {
  browser = await launch()
  site = await startSite()
})
afterAll(async () => {
  await browser.close()
  site.close()
})
beforeEach(async () => {
  collector = await startCollector()
  context = await browser.newContext({ viewport: { width: 1000, height: 600 } })
})
afterEach(async () => {
  await context.close()
  collector.close()
})

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

describe('what a client records', { timeout: 40_000 }, () => {
  it('sends a custom event with its attributes, type, flags and location', async () => {
    const page = await openPage(context, site, collector)
    await page.evaluate(`weir.track('Added', { sku: 'W-42', price: 19.9, gift: true, note: null },
      { type: 'user_preference', flags: { list: ['x', 'y'] }, location: { latitude: 52.5, longitude: 13.4 } })`)
    await eventually(() => collector.events('custom_event')).toHaveLength(1)
    expect(collector.events('custom_event')[0]?.data).toEqual({
      event_name: 'Added',
      custom_event_type: 'user_preference',
      custom_attributes: { sku: 'W-42', price: 19.9, gift: true, note: null },
      custom_flags: { list: ['x', 'y'] },
      location: { latitude: 52.5, longitude: 13.4 },
      timestamp_unixtime_ms: expect.any(Number),
      source_message_id: expect.stringMatching(UUID),
      session_uuid: expect.stringMatching(UUID),
      session_start_unixtime_ms: expect.any(Number),
    })
  })

  it('types a custom event as other when nothing else is said', async () => {
    const page = await openPage(context, site, collector)
    await page.evaluate("weir.track('Plain')")
    await eventually(() => collector.events('custom_event')).toHaveLength(1)
    expect(collector.events('custom_event')[0]?.data.custom_event_type).toBe('other')
  })

  it('surrounds the events with who, where and what sent them', async () => {
    const page = await openPage(context, site, collector, {
      environment: 'development',
      app: {
        application_name: 'Shop',
        application_version: '3.1.4',
        package: 'org.example.shop',
      },
    })
    const before = Date.now()
    await page.evaluate("weir.track('Plain')")
    await eventually(() => collector.uploads).toHaveLength(1)
    const [upload] = collector.uploads
    expect(upload?.path).toBe('/in/test-key')
    expect(upload?.batch).toEqual({
      source_request_id: expect.stringMatching(UUID),
      environment: 'development',
      mp_deviceid: expect.stringMatching(UUID),
      sdk_version: pkg.version,
      application_info: {
        application_name: 'Shop',
        application_version: '3.1.4',
        package: 'org.example.shop',
      },
      device_info: { platform: 'web', screen_width: 1000, screen_height: 600 },
      sent_unixtime_ms: expect.any(Number),
      events: expect.any(Array),
    })
    expect(upload?.batch.sent_unixtime_ms).toBeGreaterThanOrEqual(before)
  })

  it('sends a screen view with the address, named by the title unless it is given a name', async () => {
    const page = await openPage(context, site, collector)
    await page.evaluate("weir.page(); weir.page('Product', { sku: 'W-42' })")
    await eventually(() => collector.events('screen_view')).toHaveLength(2)
    const [first, second] = collector.events('screen_view')
    expect(first?.data).toMatchObject({ screen_name: 'Shop', page_url: page.url() })
    expect(second?.data).toMatchObject({
      screen_name: 'Product',
      page_url: page.url(),
      custom_attributes: { sku: 'W-42' },
    })
  })

  it('keeps the device over reloads', async () => {
    const page = await openPage(context, site, collector)
    await page.evaluate("weir.track('a'); weir.flush()")
    await page.reload()
    await page.evaluate("weir.track('b'); weir.flush()")
    await eventually(() => collector.names()).toEqual(['a', 'b'])
    expect(new Set(collector.batches().map((batch) => batch.mp_deviceid)).size).toBe(1)
  })

  it('never puts events from before and after a change of identities into one batch', async () => {
    const page = await openPage(context, site, collector)
    await page.evaluate(`weir.track('anonymous')
      weir.identify({ customer_id: 'c-42', email: 'ada@example.org' })
      weir.track('known')
      weir.identify({ customer_id: 'c-42' })
      weir.track('still known')
      weir.identify({ email: null })
      weir.track('no mail')`)
    await eventually(() => collector.names()).toHaveLength(4)
    const who = (name: string) =>
      collector
        .batches()
        .find((batch) => batch.events.some((event) => event.data.event_name === name))
    expect(who('anonymous')?.user_identities).toBeUndefined()
    expect(who('known')?.user_identities).toEqual({ customer_id: 'c-42', email: 'ada@example.org' })
    expect(who('still known')).toBe(who('known'))
    expect(who('no mail')?.user_identities).toEqual({ customer_id: 'c-42', email: null })
  })

  it('records each identity that changes', async () => {
    const page = await openPage(context, site, collector)
    await page.evaluate(`weir.identify({ customer_id: 'c-42', email: null })
      weir.identify({ customer_id: 'c-43', google: null })
      weir.identify({ customer_id: null })`)
    await eventually(() => collector.events('user_identity_change')).toHaveLength(3)
    const side = (identity: string, created_this_batch: boolean) =>
      expect.objectContaining({ identity_type: 'customer_id', identity, created_this_batch })
    expect(collector.events('user_identity_change').map((event) => event.data)).toEqual([
      expect.objectContaining({ new: side('c-42', true), old: null }),
      expect.objectContaining({ new: side('c-43', true), old: side('c-42', false) }),
      expect.objectContaining({ new: null, old: side('c-43', false) }),
    ])
  })

  it('sends user attributes as they are after the events of a batch, and each change', async () => {
    const page = await openPage(context, site, collector)
    await page.evaluate(`weir.track('first')
      weir.set({ plan: 'free', visits: 1, beta: null })
      weir.set({ plan: 'pro', visits: 1, beta: null, colours: ['teal', 'sand'] })`)
    await eventually(() => collector.events('user_attribute_change')).toHaveLength(5)
    const states = collector.batches().map((batch) => batch.user_attributes)
    expect(states).toEqual([
      undefined,
      { plan: 'free', visits: 1, beta: null },
      { plan: 'pro', visits: 1, beta: null, colours: ['teal', 'sand'] },
    ])
    const changes = collector.events('user_attribute_change').map(({ data }) => data)
    expect(changes[0]).toMatchObject({
      user_attribute_name: 'plan',
      new: 'free',
      old: null,
      deleted: false,
      is_new_attribute: true,
    })
    expect(changes[3]).toMatchObject({
      user_attribute_name: 'plan',
      new: 'pro',
      old: 'free',
      is_new_attribute: false,
    })
  })

  it('remembers identities and attributes on the next page', async () => {
    const page = await openPage(context, site, collector)
    await page.evaluate("weir.identify({ other: 'o' }); weir.set({ plan: 'pro' })")
    await page.reload()
    await page.evaluate("weir.track('later')")
    await eventually(() => collector.names()).toEqual(['later'])
    expect(collector.batches().at(-1)).toMatchObject({
      user_identities: { other: 'o' },
      user_attributes: { plan: 'pro' },
    })
  })

  it('takes what an object holds at the time of the call', async () => {
    const page = await openPage(context, site, collector)
    await page.evaluate("const cart = { items: 1 }; weir.track('Cart', cart); cart.items = 2")
    await eventually(() => collector.events('custom_event')).toHaveLength(1)
    expect(collector.events('custom_event')[0]?.data.custom_attributes).toEqual({ items: 1 })
  })

  it('does not throw at attributes that JSON cannot carry', async () => {
    const page = await openPage(context, site, collector)
    await page.evaluate("const self = {}; self.self = self; weir.track('bad', self)")
    await page.evaluate("weir.track('good')")
    await eventually(() => collector.names()).toEqual(['good'])
  })

  it('records nothing after it was closed, and sends what came before', async () => {
    const page = await openPage(context, site, collector, { batchWaitMs: 60_000 })
    expect(
      await page.evaluate("weir.track('before'); weir.close(); weir.track('after'); weir.flush()")
    ).toBe(false)
    await eventually(() => collector.names()).toEqual(['before'])
  })
})

describe('sessions', { timeout: 40_000 }, () => {
  const minutes = (count: number) => count * 60_000

  it('start with the first event and are shared by the tabs', async () => {
    const page = await openPage(context, site, collector)
    const two = await openPage(context, site, collector)
    await page.evaluate("weir.track('a')")
    await eventually(() => collector.names()).toEqual(['a'])
    await two.evaluate("weir.track('b')")
    await eventually(() => collector.names()).toEqual(['a', 'b'])
    expect(collector.events('session_start')).toHaveLength(1)
    expect(new Set(collector.events().map((event) => event.data.session_uuid)).size).toBe(1)
  })

  it('end after half an hour without an event, when the next one comes', async () => {
    const page = await context.newPage()
    await page.clock.install({ time: Date.parse('2026-03-01T12:00:00Z') })
    await page.goto(site.page(sdkPage(collector)))
    await page.evaluate("weir.track('a')")
    await page.clock.runFor(100)
    await eventually(() => page.evaluate(STORED)).toBe(0)
    await page.clock.fastForward(minutes(10))
    await page.evaluate("weir.track('b')")
    await page.clock.fastForward(100)
    await eventually(() => collector.names()).toEqual(['a', 'b'])
    await page.close()

    const later = await context.newPage()
    await later.clock.install({ time: Date.parse('2026-03-01T13:00:00Z') })
    await later.goto(site.page(sdkPage(collector)))
    await later.evaluate("weir.track('c')")
    await later.clock.fastForward(100)
    await eventually(() => collector.names()).toEqual(['a', 'b', 'c'])

    const [first, second] = collector.events('session_start')
    const [end] = collector.events('session_end')
    expect(collector.events('session_start')).toHaveLength(2)
    expect(collector.events('session_end')).toHaveLength(1)
    expect(end?.data.session_uuid).toBe(first?.data.session_uuid)
    expect(second?.data.session_uuid).not.toBe(first?.data.session_uuid)
    expect(end?.data.session_duration_ms).toBeGreaterThanOrEqual(minutes(10))
    expect(end?.data.session_duration_ms).toBeLessThan(minutes(11))
    expect(end?.data.timestamp_unixtime_ms).toBe(
      end?.data.session_start_unixtime_ms + end?.data.session_duration_ms
    )
  })

  it('end on a page that stays open, as soon as they are known to be over', async () => {
    const page = await context.newPage()
    await page.clock.install()
    await page.goto(site.page(sdkPage(collector)))
    await page.evaluate("weir.track('a')")
    await page.clock.runFor(100)
    await eventually(() => page.evaluate(STORED)).toBe(0)
    await page.clock.runFor(minutes(31))
    await page.clock.runFor(1000)
    await eventually(() => collector.events('session_end')).toHaveLength(1)
    await page.evaluate("weir.track('b')")
    await page.clock.runFor(100)
    await eventually(() => collector.names()).toEqual(['a', 'b'])
    expect(collector.events('session_end')).toHaveLength(1)
    expect(collector.events('session_start')).toHaveLength(2)
  })

  it('end as the user that had them, when the next one begins with another', async () => {
    const page = await context.newPage()
    await page.clock.install()
    await page.goto(site.page(sdkPage(collector)))
    await page.evaluate("weir.identify({ other: 'first' }); weir.track('a')")
    await page.clock.runFor(100)
    await eventually(() => collector.names()).toEqual(['a'])
    await page.close()

    const later = await context.newPage()
    await later.clock.setSystemTime(Date.now() + minutes(40))
    await later.goto(site.page(sdkPage(collector)))
    await later.evaluate("weir.identify({ other: 'second' }); weir.track('b')")
    await later.clock.runFor(100)
    await eventually(() => collector.names()).toEqual(['a', 'b'])
    const ending = collector
      .batches()
      .find((batch) => batch.events.some((event) => event.event_type === 'session_end'))
    expect(ending?.user_identities).toEqual({ other: 'first' })
    expect(collector.batches().at(-1)?.user_identities).toEqual({ other: 'second' })
  })

  it('last as long as the page says, and never share a batch', async () => {
    const page = await openPage(context, site, collector, {
      sessions: { timeoutMs: 30 },
      batchWaitMs: 60_000,
    })
    await page.evaluate("weir.track('a')")
    await page.waitForFunction(`(window.seen ??= Date.now()) + 50 < Date.now()`)
    await page.evaluate("weir.track('b'); weir.flush()")
    await eventually(() => collector.names()).toEqual(['a', 'b'])
    const kinds = collector.batches().map((batch) => batch.events.map((event) => event.event_type))
    expect(kinds).toEqual([
      ['session_start', 'custom_event', 'session_end'],
      ['session_start', 'custom_event'],
    ])
  })
})
