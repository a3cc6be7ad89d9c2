import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Collector, startCollector } from './collector'
import { eventually, launch, openPage, type Site, STORED, startSite } from './harness'

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

const track = (count: number, from = 0) =>
  `for (let i = ${from}; i < ${from + count}; i++) weir.track('e' + String(i).padStart(4, '0'),
    { index: i, colour: 'teal', size: 'large', price: 19.9, gift: true })`
const names = (count: number) =>
  Array.from({ length: count }, (_, i) => `e${String(i).padStart(4, '0')}`)
const ids = () => collector.events().map((event) => event.data.source_message_id)

/** Nothing lost, nothing doubled, and repeats of a batch are true repeats. */
const expectExactly = (count: number) => {
  expect(collector.names()).toEqual(names(count))
  expect(new Set(ids()).size).toBe(ids().length)
  const first = new Map<string, unknown>()
  for (const { batch } of collector.uploads) {
    const known = first.get(batch.source_request_id) ?? batch.events
    first.set(batch.source_request_id, known)
    expect(batch.events).toEqual(known)
  }
}

describe('batching', { timeout: 40_000 }, () => {
  it('waits for more events, for two seconds by default', async () => {
    const page = await context.newPage()
    const start = Date.parse('2026-03-01T12:00:00Z')
    await page.clock.install({ time: start })
    await page.goto(
      site.page(
        `<script src="/weir.js"></script><script>weir.init({ key: 'test-key', endpoint: '${collector.origin}', pages: false })</script>`
      )
    )
    await page.clock.pauseAt(start + 60_000)
    await page.evaluate(track(3))
    await page.clock.runFor(1900)
    expect(collector.uploads).toHaveLength(0)
    await page.clock.runFor(200)
    await eventually(() => collector.names()).toEqual(names(3))
    expect(collector.uploads).toHaveLength(1)
  })

  it('uploads without waiting once there are enough events', async () => {
    const page = await openPage(context, site, collector, { batchWaitMs: 60_000, batchEvents: 5 })
    await page.evaluate(track(4))
    await eventually(() => collector.names()).toEqual(names(4))
  })

  it('sends a hundred events of one task in one small gzip request without a preflight', async () => {
    const page = await openPage(context, site, collector, { batchWaitMs: 60_000 })
    await page.evaluate(track(100))
    await eventually(() => collector.names()).toEqual(names(100))
    expect(collector.methods).toEqual(['POST'])
    const [upload] = collector.uploads
    expect(upload?.isGzip).toBe(true)
    expect(upload?.headers['content-type']).toBeUndefined()
    expect(upload?.headers['content-encoding']).toBeUndefined()
    expect(upload?.bodyBytes).toBeLessThanOrEqual(4000)
  })

  it('keeps every batch below 60 KB', async () => {
    const page = await openPage(context, site, collector, { batchWaitMs: 60_000 })
    await page.evaluate(track(400))
    await eventually(() => collector.names()).toEqual(names(400))
    for (const batch of collector.batches())
      expect(JSON.stringify(batch).length).toBeLessThan(60_100)
    expectExactly(400)
  })

  it('sends a single event larger than that alone', async () => {
    const page = await openPage(context, site, collector)
    await page.evaluate("weir.track('small'); weir.track('big', { text: 'ü'.repeat(50000) })")
    await eventually(() => collector.names()).toEqual(['big', 'small'])
    expect(collector.batches()).toHaveLength(2)
  })

  it('tells by flush whether the server has taken everything', async () => {
    const page = await openPage(context, site, collector, { batchWaitMs: 60_000 })
    expect(await page.evaluate(`${track(2)}; weir.flush()`)).toBe(true)
    expect(collector.names()).toEqual(names(2))
    expect(await page.evaluate(STORED)).toBe(0)
    collector.answerNext(503)
    expect(await page.evaluate("weir.track('e0002'); weir.flush()")).toBe(false)
    expect(await page.evaluate('weir.flush()')).toBe(true)
    expectExactly(3)
  })
})

describe('failures', { timeout: 40_000 }, () => {
  it('repeats a batch unchanged until an overloaded server takes it', async () => {
    const page = await openPage(context, site, collector)
    collector.answerNext(500, 503, 408)
    await page.evaluate(track(3))
    await eventually(() => collector.names()).toEqual(names(3))
    expect(collector.uploads.map((upload) => upload.status)).toEqual([500, 503, 408, 202])
    expect(new Set(collector.uploads.map((upload) => upload.batch.source_request_id)).size).toBe(1)
    expectExactly(3)
  })

  it('collects what comes meanwhile in further batches, in order', async () => {
    const page = await openPage(context, site, collector)
    collector.answerAlways(500)
    await page.evaluate(track(3))
    await eventually(() => collector.uploads.length).toBeGreaterThan(0)
    await page.evaluate(track(3, 3))
    collector.answerAlways(202)
    await eventually(() => collector.events('custom_event')).toHaveLength(6)
    expect(collector.events('custom_event').map((event) => event.data.event_name)).toEqual(names(6))
    expectExactly(6)
  })

  it.each([
    ['seconds', () => '2', (refusedMs: number) => refusedMs + 2000],
    [
      'a date',
      () => new Date(Date.now() + 3000).toUTCString(),
      (_: number, header: string) => Date.parse(header),
    ],
  ])('waits as long as the server asks for in %s', async (_, retryAfter, earliest) => {
    const page = await openPage(context, site, collector)
    const header = retryAfter()
    collector.answerNext({ status: 429, headers: { 'retry-after': header } })
    await page.evaluate(track(1))
    await eventually(() => collector.uploads).toHaveLength(1)
    expect(await page.evaluate('weir.flush()')).toBe(false)
    await eventually(() => collector.names()).toEqual(names(1))
    const [refused, taken] = collector.uploads
    expect(taken?.atMs).toBeGreaterThanOrEqual(earliest(refused?.atMs ?? 0, header))
  })

  it('drops a batch that the server refuses, and only that one', async () => {
    const page = await openPage(context, site, collector, { batchWaitMs: 60_000 })
    collector.answerNext(400)
    const isTaken = await page.evaluate(`window.dropped = []
      window.client = weir.createClient({ key: 'strict', endpoint: '${collector.origin}', batchWaitMs: 60000,
        onDrop: (batch, status) => dropped.push([status, batch.events.at(-1).data.event_name]) })
      client.track('refused'); client.identify({ other: 'next batch' }); client.track('taken')
      client.flush()`)
    expect(isTaken).toBe(false)
    expect(collector.names()).toEqual(['taken'])
    await eventually(() => page.evaluate('dropped')).toEqual([[400, 'refused']])
    expect(await page.evaluate('client.flush()')).toBe(true)
    expect(collector.uploads).toHaveLength(2)
  })

  it('gives a batch up when it is 30 days old', async () => {
    await collector.stop()
    const start = Date.parse('2026-03-01T12:00:00Z')
    const page = await context.newPage()
    await page.clock.install({ time: start })
    const html = `<script src="/weir.js"></script><script>
      weir.init({ key: 'test-key', endpoint: '${collector.origin}', batchWaitMs: 50,
        onDrop: (batch, status) => { window.dropped = status } })</script>`
    await page.goto(site.page(html))
    await page.evaluate("weir.track('old')")
    await page.clock.fastForward(31 * 86_400_000)
    await collector.start()
    await page.evaluate("weir.track('new'); weir.flush()")
    await eventually(() => collector.names()).toEqual(['new'])
    await page.clock.runFor(10)
    expect(await page.evaluate('dropped')).toBe(0)
  })

  it('sends nothing while the browser is offline, and everything once it is back', async () => {
    const page = await openPage(context, site, collector)
    await context.setOffline(true)
    await page.evaluate(track(3))
    expect(await page.evaluate('weir.flush()')).toBe(false)
    expect(collector.methods).toEqual([])
    await context.setOffline(false)
    await eventually(() => collector.names()).toEqual(names(3))
    expectExactly(3)
  })

  it('recovers by itself from a server that could not be reached', async () => {
    const page = await openPage(context, site, collector)
    await collector.stop()
    await page.evaluate(track(3))
    expect(await page.evaluate('weir.flush()')).toBe(false)
    await collector.start()
    await eventually(() => collector.names()).toEqual(names(3))
    expectExactly(3)
  })
})

describe('leaving', { timeout: 40_000 }, () => {
  it('delivers what waits when the page is closed', async () => {
    const page = await openPage(context, site, collector, { batchWaitMs: 60_000 })
    await page.evaluate(track(10))
    await page.close()
    await eventually(() => collector.names()).toEqual(names(10))
    expectExactly(10)
    expect(collector.methods).not.toContain('OPTIONS')
  })

  it('delivers what a page records while it is already leaving', async () => {
    const page = await openPage(context, site, collector, { batchWaitMs: 60_000 })
    await page.evaluate("addEventListener('pagehide', () => weir.track('bye'))")
    await page.close()
    await eventually(() => collector.names()).toEqual(['bye'])
  })

  it('delivers a first visit that ends in the task it began in', async () => {
    const page = await context.newPage()
    const next = site.page('next')
    const html = `<script src="/weir.js"></script><script>
      weir.init({ key: 'test-key', endpoint: '${collector.origin}' }); ${track(10)}
      location.href = '${next}'</script>`
    await page.goto(site.page(html))
    await eventually(() => collector.names()).toEqual(names(10))
    expectExactly(10)
  })

  it('sends what fits into a closing page, the rest from the next one', async () => {
    const page = await openPage(context, site, collector, { batchWaitMs: 60_000 })
    await page.evaluate(track(300))
    await page.close()
    await openPage(context, site, collector)
    await eventually(() => collector.names()).toEqual(names(300))
    expectExactly(300)
  })

  it('uploads by beacon where fetch cannot outlive the page', async () => {
    await context.addInitScript('delete Request.prototype.keepalive')
    const page = await openPage(context, site, collector, { batchWaitMs: 60_000 })
    await page.evaluate(track(3))
    await page.close()
    await eventually(() => collector.names()).toEqual(names(3))
    expect(collector.uploads[0]?.headers['sec-fetch-mode']).toBe('no-cors')
    expect(collector.methods).toEqual(['POST'])
  })

  it('forgets nothing that a beacon took along', async () => {
    const page = await openPage(context, site, collector, { batchWaitMs: 60_000 })
    const release = collector.holdAnswers()
    await page.evaluate(track(3))
    await page.close()
    await eventually(() => collector.uploads).toHaveLength(1)
    release()
    const next = await openPage(context, site, collector)
    await eventually(() => next.evaluate(STORED)).toBe(0)
    expectExactly(3)
    expect(collector.uploads).toHaveLength(2)
  })

  it('goes on where it was when the page comes back from the back/forward cache', async () => {
    const page = await openPage(context, site, collector, { batchWaitMs: 60_000 })
    await collector.stop()
    await page.evaluate(track(3))
    await page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    await page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    await collector.start()
    await page.evaluate(track(3, 3))
    await eventually(async () => {
      await page.evaluate('weir.flush()')
      return collector.names()
    }).toEqual(names(6))
    expectExactly(6)
  })
})
