import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Collector, startCollector } from './collector'
import { eventually, launch, openPage, type Site, startSite } from './harness'

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
  context = await browser.newContext()
})
afterEach(async () => {
  await context.close()
  collector.close()
})

const open = (options: object = {}) =>
  openPage(context, site, collector, { batchWaitMs: 60_000, ...options }, '/weir-full.js')

/** What calls on a page record, but for the start of the session. */
const record = async (calls: string, page?: Page) => {
  const opened = page ?? (await open())
  expect(await opened.evaluate(`${calls}; weir.flush()`)).toBe(true)
  return collector.events().filter((event) => event.event_type !== 'session_start')
}

/** What each event of a type has of these fields. */
const data = async (calls: string, type: string) =>
  (await record(calls)).filter((event) => event.event_type === type).map((event) => event.data)

describe('user attributes', { timeout: 40_000 }, () => {
  const batchAfter = async (calls: string) => {
    await record(calls)
    return collector.batches().at(-1)
  }

  it.each([
    ['set', "weir.set({ plan: 'pro', n: 1, tag: null })", { plan: 'pro', n: 1, tag: null }],
    ['setOnce', 'weir.set({ a: 1 }); weir.setOnce({ a: 2, b: 2 })', { a: 1, b: 2 }],
    ['increment', 'weir.increment({ n: 2 }); weir.increment({ n: 0.5 })', { n: 2.5 }],
    ['append', "weir.append({ c: 'x' }); weir.append({ c: ['x', 'y'] })", { c: ['x', 'y'] }],
    ['remove', "weir.set({ c: ['x', 'y'] }); weir.remove({ c: 'x', d: 'x' })", { c: ['y'] }],
    ['unset', "weir.set({ a: 1, b: 2 }); weir.unset('a', 'never')", { b: 2 }],
    ['undefined', 'weir.set({ a: 1 }); weir.set({ a: undefined })', { a: 1 }],
    ['odd names', "weir.set({ toString: 'x', constructor: 1 })", { toString: 'x', constructor: 1 }],
  ])('are in the batch after %s', async (_, calls, expected) => {
    expect((await batchAfter(calls))?.user_attributes).toEqual(expected)
  })

  it('tell the server what to forget, until it is set again', async () => {
    const removed = await batchAfter(
      "weir.set({ a: 1, b: 2 }); weir.unset('a', 'b'); weir.set({ b: 3 })"
    )
    expect(removed?.deleted_user_attributes).toEqual(['a'])
  })

  it('record each change with what was before', async () => {
    const changes = await data(
      "weir.set({ n: 1 }); weir.set({ n: 1 }); weir.increment({ n: 1 }); weir.unset('n')",
      'user_attribute_change'
    )
    const change = (fields: object) =>
      expect.objectContaining({ user_attribute_name: 'n', ...fields })
    expect(changes).toEqual([
      change({ old: null, new: 1, is_new_attribute: true, deleted: false }),
      change({ old: 1, new: 2, is_new_attribute: false, deleted: false }),
      change({ old: 2, new: null, is_new_attribute: false, deleted: true }),
    ])
  })
})

describe('people', { timeout: 40_000 }, () => {
  const batchOf = (name: string) =>
    collector
      .batches()
      .find((batch) => batch.events?.some((event) => event.data.event_name === name))

  it('are forgotten on logout, but for the device', async () => {
    await record(`weir.identify({ customer_id: 'c-1', other: 'o' }); weir.set({ plan: 'pro' })
      weir.setConsent({ ccpa: true }); weir.track('in'); weir.logout(); weir.track('out')`)
    const [before, after] = [batchOf('in'), batchOf('out')]
    expect(before).toMatchObject({ user_attributes: { plan: 'pro' } })
    expect(after?.user_identities).toEqual({ customer_id: null, other: null })
    expect(after?.user_attributes).toBeUndefined()
    expect(after?.consent_state).toBeUndefined()
    expect(after?.mp_deviceid).toBe(before?.mp_deviceid)
  })

  it.each([
    ['another customer', "{ customer_id: 'c-2' }", undefined],
    ['another mail without a customer id', "{ customer_id: null, email: 'b@x.org' }", undefined],
    ['nobody any more', '{ customer_id: null }', undefined],
    ['the same customer with another mail', "{ email: 'b@x.org' }", { plan: 'pro' }],
    ['the same customer without a mail', '{ email: null }', { plan: 'pro' }],
    ['nothing new', '{ google: undefined }', { plan: 'pro' }],
  ])('take their attributes along or not: %s', async (_, identities, attributes) => {
    await record(`weir.identify({ customer_id: 'c-1', email: 'a@x.org' }); weir.set({ plan: 'pro' })
      weir.identify(${identities}); weir.track('then')`)
    expect(batchOf('then')?.user_attributes).toEqual(attributes)
  })

  it('begin anew after a reset, and the old session ends as the old user', async () => {
    await record(`weir.identify({ customer_id: 'c-1' }); weir.set({ plan: 'pro' }); weir.track('old')
      weir.reset(); weir.track('new')`)
    const [before, after] = [batchOf('old'), batchOf('new')]
    expect(after?.mp_deviceid).not.toBe(before?.mp_deviceid)
    expect(after?.user_identities).toBeUndefined()
    expect(before?.events.at(-1)?.event_type).toBe('session_end')
    expect(after?.events[0]?.event_type).toBe('session_start')
    const sessions = [before, after].map((batch) => batch?.events[0]?.data.session_uuid)
    expect(new Set(sessions).size).toBe(2)
  })

  it('ask for their earlier events by alias', async () => {
    const before = Date.now()
    await record("weir.identify({ customer_id: 'c-1' }); weir.alias()")
    const alias = collector.batches().find((batch) => batch.request_type === 'alias')
    const device = collector.batches()[0]?.mp_deviceid
    expect(alias).toEqual({
      request_id: expect.any(String),
      request_type: 'alias',
      sent_unixtime_ms: expect.any(Number),
      data: {
        source: { mp_deviceid: device },
        destination: { user_identities: { customer_id: 'c-1' }, mp_deviceid: device },
        start_unixtime_ms: expect.any(Number),
        end_unixtime_ms: expect.any(Number),
        scope: 'device',
        device_application_stamp: device,
      },
    })
    expect(alias?.data.end_unixtime_ms).toBeGreaterThanOrEqual(before)
    expect(alias?.data.end_unixtime_ms - alias?.data.start_unixtime_ms).toBe(90 * 86_400_000)
  })
})

describe('privacy', { timeout: 40_000 }, () => {
  it('sends consent at once, in a separate batch, and with each later batch', async () => {
    await record(`weir.track('before')
      weir.setConsent({ gdpr: { Analytics: true, ads: { consented: false, document: 'v2' } }, ccpa: true })
      weir.track('after')`)
    const [before, consent, after] = collector.batches()
    const state = {
      gdpr: {
        analytics: { consented: true, timestamp_unixtime_ms: expect.any(Number) },
        ads: { consented: false, document: 'v2', timestamp_unixtime_ms: expect.any(Number) },
      },
      ccpa: { data_sale_opt_out: { consented: true, timestamp_unixtime_ms: expect.any(Number) } },
    }
    expect(before?.consent_state).toBeUndefined()
    expect(consent?.events).toBeUndefined()
    expect(consent?.consent_state).toEqual(state)
    expect(after?.consent_state).toEqual(state)
  })

  it('takes consent that is said again for the same, and takes it away by null', async () => {
    const page = await open()
    await record('weir.setConsent({ gdpr: { a: true, b: true }, ccpa: false })', page)
    await record("weir.setConsent({ gdpr: { a: true }, ccpa: false }); weir.track('same')", page)
    expect(collector.batches()).toHaveLength(3)
    await record("weir.setConsent({ gdpr: { a: null }, ccpa: null }); weir.track('less')", page)
    const { gdpr, ccpa } = collector.batches().at(-1)?.consent_state ?? {}
    expect(Object.keys(gdpr)).toEqual(['b'])
    expect(ccpa).toEqual({})
  })

  it('records that a user opted out, then nothing until they opt back in, also on other pages', async () => {
    const page = await open()
    await record("weir.track('a'); weir.optOut(); weir.track('b'); weir.optOut()", page)
    const next = await open()
    await record(
      "weir.track('c'); weir.identify({ other: 'o' }); weir.setConsent({ ccpa: true })",
      next
    )
    expect(await next.evaluate('weir.isOptedOut()')).toBe(true)
    await record("weir.optIn(); weir.optIn(); weir.track('d')", next)
    expect(collector.names()).toEqual(['a', 'd'])
    const outs = collector.events('opt_out').map((event) => event.data.is_opted_out)
    expect(outs).toEqual([true, false])
  })

  it.each([
    ['Global Privacy Control', 'globalPrivacyControl', 'true'],
    ['Do Not Track', 'doNotTrack', "'1'"],
  ])('does and stores nothing under %s, when asked to honour it', async (_, name, value) => {
    await context.addInitScript(
      `Object.defineProperty(navigator, '${name}', { get: () => ${value} })`
    )
    const page = await open({ privacy: { signals: true }, pages: true, transitions: true })
    expect(
      await page.evaluate(
        "weir.track('a'); weir.identify({ other: 'o' }); weir.set({ a: 1 }); weir.flush()"
      )
    ).toBe(false)
    expect(await page.evaluate('localStorage.length')).toBe(0)
    const heedless = await open()
    await record("weir.track('b')", heedless)
    expect(collector.names()).toEqual(['b'])
  })
})

describe('commerce', { timeout: 40_000 }, () => {
  it('records what happens to products, with the amounts computed', async () => {
    const [event] = await data(
      `weir.trackProducts('purchase',
        [{ id: 'sku-1', name: 'Wellies', price: 39.9, quantity: 2, custom_attributes: { size: '42' } },
         { id: 'sku-2', name: 'Hat', price: 0.1, quantity: 3 }],
        { transaction_id: 'o-1', total_amount: 84.75, tax_amount: 13.53, currency_code: 'EUR',
          custom_attributes: { gift: false }, shopping_cart: { products: [{ id: 'sku-3', name: 'Bag', price: 5 }] } })`,
      'commerce_event'
    )
    expect(event).toMatchObject({
      custom_event_type: 'purchase',
      currency_code: 'EUR',
      custom_attributes: { gift: false },
      shopping_cart: {
        products: [{ id: 'sku-3', name: 'Bag', price: 5, quantity: 1, total_product_amount: 5 }],
      },
    })
    expect(event.product_action).toEqual({
      action: 'purchase',
      transaction_id: 'o-1',
      total_amount: 84.75,
      tax_amount: 13.53,
      products: [
        {
          id: 'sku-1',
          name: 'Wellies',
          price: 39.9,
          quantity: 2,
          total_product_amount: 79.8,
          custom_attributes: { size: '42' },
        },
        { id: 'sku-2', name: 'Hat', price: 0.1, quantity: 3, total_product_amount: 0.3 },
      ],
    })
  })

  it.each([
    ['add_to_cart', 'add_to_cart'],
    ['remove_from_cart', 'remove_from_cart'],
    ['checkout', 'checkout'],
    ['checkout_option', 'checkout_option'],
    ['click', 'click'],
    ['view_detail', 'view_detail'],
    ['refund', 'refund'],
    ['add_to_wishlist', 'add_to_wishlist'],
    ['remove_from_wish_list', 'remove_from_wishlist'],
  ])('types the action %s as %s', async (action, type) => {
    const [event] = await data(`weir.trackProducts('${action}', [])`, 'commerce_event')
    expect(event).toMatchObject({
      custom_event_type: type,
      product_action: { action, products: [] },
    })
  })

  it('records promotions and impressions', async () => {
    const events = await data(
      `weir.trackPromotions('view', [{ id: 'rain', position: 'top' }]); weir.trackPromotions('click', [])
       weir.trackImpressions({ search: [{ id: 'sku-1', name: 'Wellies' }] }, { screen_name: 'Search' })`,
      'commerce_event'
    )
    expect(events).toMatchObject([
      {
        custom_event_type: 'promotion_view',
        promotion_action: { action: 'view', promotions: [{ id: 'rain', position: 'top' }] },
      },
      { custom_event_type: 'promotion_click', promotion_action: { action: 'click' } },
      {
        custom_event_type: 'impression',
        screen_name: 'Search',
        product_impressions: [
          { product_impression_list: 'search', products: [{ id: 'sku-1', name: 'Wellies' }] },
        ],
      },
    ])
  })
})

describe('errors', { timeout: 40_000 }, () => {
  it('records handled ones, whatever was thrown', async () => {
    const events = await data(
      "weir.error(new TypeError('no'), { step: 'pay' }); weir.error('text'); weir.error(null)",
      'crash_report'
    )
    expect(events).toMatchObject([
      {
        class_name: 'TypeError',
        message: 'no',
        exception_handled: true,
        custom_attributes: { step: 'pay' },
      },
      { class_name: 'Error', message: 'text' },
      { message: 'null' },
    ])
    expect(events[0].stack_trace).toContain('TypeError: no')
  })

  const throwLater = (page: Page, code: string) =>
    page.evaluate(`new Promise((done) => setTimeout(() => { setTimeout(done); ${code} }))`)

  it('records uncaught errors, each once, and unhandled rejections', async () => {
    const page = await open()
    for (let i = 0; i < 3; i++)
      await throwLater(page, "const bad = { get x() { throw new Error('again') } }; bad.x")
    await throwLater(page, "Promise.reject(new RangeError('late'))")
    await record('', page)
    expect(
      collector
        .events('crash_report')
        .map(({ data: { class_name, message, exception_handled } }) => [
          class_name,
          message,
          exception_handled,
        ])
    ).toContainEqual(['RangeError', 'late', false])
    expect(collector.events('crash_report').every((event) => !event.data.exception_handled)).toBe(
      true
    )
  })

  it('does not record uncaught errors with that option off', async () => {
    const page = await open({ errors: false })
    await throwLater(page, "throw new Error('own business')")
    await record("weir.track('a')", page)
    expect(collector.events('crash_report')).toEqual([])
  })
})

describe('what a page records by itself', { timeout: 40_000 }, () => {
  const views = () => collector.events('screen_view').map((event) => event.data.screen_name)

  describe.each([
    ['by the Navigation API', ''],
    ['by the history', 'delete window.navigation'],
  ])('in a single-page app, %s', (_, script) => {
    it('is a view for each path or query, not for places in the page', async () => {
      if (script) await context.addInitScript(script)
      const page = await open({ pages: true })
      const { pathname } = new URL(page.url())
      await page.evaluate("history.pushState(0, '', '/a'); history.pushState(0, '', '/a?q=1')")
      await page.evaluate(
        "history.replaceState({ scroll: 1 }, '', '/a?q=1'); location.hash = 'part'"
      )
      await page.evaluate("location.hash = '/route'")
      await page.evaluate('history.go(-3)')
      await eventually(() => page.evaluate('location.pathname + location.search')).toBe('/a')
      await record('', page)
      expect(views()).toEqual([pathname, '/a', '/a', '/a#/route', '/a'])
    })
  })

  it('is a view again when the page comes back from the back/forward cache', async () => {
    const page = await open({ pages: true })
    await page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    await page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    await record('', page)
    expect(views()).toHaveLength(2)
  })

  it('is the campaign that brought the visitor', async () => {
    const page = await context.newPage()
    const start = await open({ campaign: true, pages: true })
    const address = `${start.url()}?utm_source=news&utm_campaign=rain&gclid=g1&page=2`
    await start.close()
    await page.goto(address, { referer: 'https://search.example.org/' })
    await record("weir.track('a')", page)
    const campaign = {
      utm_source: 'news',
      utm_campaign: 'rain',
      gclid: 'g1',
      referrer: 'https://search.example.org/',
    }
    expect(collector.events('screen_view').at(-1)?.data.custom_attributes).toEqual(campaign)
    expect(collector.events('custom_event')[0]?.data.custom_attributes).toBeUndefined()
  })

  it('is its start, background, foreground and end, when asked', async () => {
    const page = await open({ transitions: true, pages: true })
    const show = (state: string) =>
      page.evaluate(`Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true })
        document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))`)
    await show('hidden')
    await show('visible')
    await page.close()
    const types = () =>
      collector
        .events('application_state_transition')
        .map((event) => event.data.application_transition_type)
        .sort()
    await eventually(types).toEqual(
      expect.arrayContaining([
        'application_background',
        'application_exit',
        'application_foreground',
        'application_initialized',
      ])
    )
    const [start] = collector.events('application_state_transition')
    expect(start?.data.is_first_run).toBe(true)
  })

  it('is its requests, without those of weir and without queries, when asked', async () => {
    const page = await open({ network: true })
    await page.evaluate(
      `fetch('/missing?secret=1', { method: 'put', body: 'x' }).then((answer) => answer.text())`
    )
    await page.evaluate(`new Promise((done) => { const call = new XMLHttpRequest()
      call.open('DELETE', '/weir.js'); call.onloadend = done; call.send() })`)
    await eventually(async () => {
      await page.evaluate('weir.flush()')
      return collector
        .events('network_performance')
        .map(({ data: { http_verb, url, response_code } }) => [http_verb, url, response_code])
    }).toEqual([
      ['PUT', `${site.origin}/missing`, 404],
      ['DELETE', `${site.origin}/weir.js`, 200],
    ])
    const [first] = collector.events('network_performance')
    expect(first?.data.time_elapsed).toBeGreaterThanOrEqual(0)
    expect(first?.data.bytes_in).toBeGreaterThan(0)
  })

  it('is where the user is, from the moment the page asks', async () => {
    await context.grantPermissions(['geolocation'])
    await context.setGeolocation({ latitude: 52.5, longitude: 13.4, accuracy: 10 })
    const page = await open()
    await page.evaluate("weir.track('before'); weir.locate()")
    await eventually(async () => {
      await page.evaluate("weir.track('after'); weir.flush()")
      return collector.events('custom_event').at(-1)?.data.location
    }).toEqual({ latitude: 52.5, longitude: 13.4, accuracy: 10 })
    await record("weir.stopLocating(); weir.track('last')", page)
    const events = collector.events('custom_event')
    expect(events[0]?.data.location).toBeUndefined()
    expect(events.at(-1)?.data.location).toBeUndefined()
  })
})

describe('control', { timeout: 40_000 }, () => {
  it('tells of the session and ends it', async () => {
    const page = await open()
    expect(await page.evaluate('weir.session()')).toBeUndefined()
    const session = await page.evaluate("weir.track('a'); weir.session()")
    await record("weir.endSession(); weir.track('b')", page)
    expect(session).toEqual({
      id: collector.events('session_start')[0]?.data.session_uuid,
      startMs: collector.events('session_start')[0]?.data.session_start_unixtime_ms,
      lastMs: expect.any(Number),
    })
    expect(collector.events('session_end')[0]?.data.session_uuid).toBe(Object(session).id)
    expect(collector.events('session_start')).toHaveLength(2)
  })

  it('shows each event to a hook, which may change it or leave it out', async () => {
    const page = await open()
    await page.evaluate(`window.client = weir.createClient({ key: 'hooked', endpoint: '${collector.origin}',
      onEvent: ({ event_type, data }) => { delete data.page_url; return data.event_name !== 'secret' },
      onUpload: (batch, status) => { window.uploaded = [status, batch.events.length] } })
      client.track('secret'); client.page('p'); client.track('fine')`)
    expect(await page.evaluate('client.flush()')).toBe(true)
    expect(collector.names()).toEqual(['fine'])
    expect(collector.events('screen_view')[0]?.data.page_url).toBeUndefined()
    await eventually(() => page.evaluate('window.uploaded')).toEqual([202, 2])
  })

  it('writes each event to the console, when asked', async () => {
    const lines: string[] = []
    const page = await context.newPage()
    page.on('console', (message) => lines.push(message.text()))
    await page.goto((await open({ debug: true })).url())
    await record("weir.track('shown')", page)
    expect(lines.some((line) => line.startsWith('weir'))).toBe(true)
  })

  it.each([401, 403, 404, 409])(
    'keeps what is refused with %i, and sends it later',
    async (status) => {
      const page = await open()
      collector.answerNext(status)
      expect(await page.evaluate("weir.track('kept'); weir.flush()")).toBe(false)
      expect(await page.evaluate('weir.flush()')).toBe(true)
      expect(collector.names()).toEqual(['kept'])
    }
  )

  it.each([400, 413, 415, 422])('sets aside what %i calls bad', async (status) => {
    const page = await open()
    collector.answerNext(status)
    expect(await page.evaluate("weir.track('bad'); weir.flush()")).toBe(false)
    expect(await page.evaluate('weir.flush()')).toBe(true)
    expect(collector.names()).toEqual([])
  })

  it('leaves out an event too large for the server, with a warning', async () => {
    const page = await open()
    await record("weir.track('big', { text: 'x'.repeat(250000) }); weir.track('small')", page)
    expect(collector.names()).toEqual(['small'])
  })

  it('goes on after the page has emptied localStorage', async () => {
    const page = await open()
    await page.evaluate("weir.track('a')")
    await page.evaluate("localStorage.clear(); weir.track('b')")
    const left = await page.evaluate(
      "Object.keys(localStorage).filter((name) => name.includes(':q.')).map((name) => name.slice(-7))"
    )
    expect(left).not.toContain('1000002')
    await record("weir.track('c')", page)
    expect(collector.names()).toEqual(['a', 'b', 'c'])
  })
})
