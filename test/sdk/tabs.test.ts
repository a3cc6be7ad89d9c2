import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
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
  context = await browser.newContext()
})
afterEach(async () => {
  await context.close()
  collector.close()
})

const track = (page: Page, prefix: string, count: number) =>
  page.evaluate(
    `for (let i = 0; i < ${count}; i++) weir.track('${prefix}' + String(i).padStart(3, '0'))`
  )
const names = (prefixes: string, count: number) =>
  [...prefixes]
    .flatMap((prefix) =>
      Array.from({ length: count }, (_, i) => prefix + String(i).padStart(3, '0'))
    )
    .sort()
const expectNoDoubles = () => {
  const ids = collector.events().map((event) => event.data.source_message_id)
  expect(new Set(ids).size).toBe(ids.length)
}
const crash = async (page: Page) => {
  const crashed = page.waitForEvent('crash')
  page.goto('chrome://crash').catch(() => {})
  await crashed
}

describe('stored events', { timeout: 60_000 }, () => {
  it('survive reloads while the server is down, and arrive once each when it is up', async () => {
    const page = await openPage(context, site, collector)
    await collector.stop()
    await track(page, 'a', 20)
    await page.reload()
    await track(page, 'b', 20)
    await page.reload()
    expect(await page.evaluate(STORED)).toBeGreaterThan(3)
    await collector.start()
    await eventually(() => collector.names()).toEqual(names('ab', 20))
    await eventually(() => page.evaluate(STORED)).toBe(0)
    expectNoDoubles()
  })

  it('survive a reload while the browser is offline', async () => {
    const page = await openPage(context, site, collector)
    await page.evaluate('Object.defineProperty(navigator, "onLine", { get: () => false })')
    await track(page, 'a', 20)
    await page.reload()
    await eventually(() => collector.names()).toEqual(names('a', 20))
    expectNoDoubles()
  })

  it('survive a crash of their tab', async () => {
    const page = await openPage(context, site, collector, { batchWaitMs: 60_000 })
    await track(page, 'a', 20)
    await crash(page)
    expect(collector.uploads).toHaveLength(0)
    await openPage(context, site, collector)
    await eventually(() => collector.names()).toEqual(names('a', 20))
    expectNoDoubles()
  })

  it('outlive a page that clears localStorage', async () => {
    const page = await openPage(context, site, collector, { batchWaitMs: 60_000 })
    await track(page, 'a', 20)
    await page.evaluate('localStorage.clear(); weir.flush()')
    await eventually(() => collector.names()).toEqual(names('a', 20))
  })

  it('are left alone when they belong to another key', async () => {
    const page = await openPage(context, site, collector, { batchWaitMs: 60_000 })
    await track(page, 'a', 5)
    await page.evaluate(`window.other = weir.createClient({ key: 'other', endpoint: '${collector.origin}' })
      other.identify({ other: 'o' }); other.track('z'); other.flush()`)
    await eventually(() => collector.names()).toEqual(['z'])
    await page.evaluate('weir.flush()')
    await eventually(() => collector.events('custom_event')).toHaveLength(6)
    const paths = collector.uploads.map((upload) => upload.path)
    expect(paths).toContain('/in/other')
    expect(collector.batches().at(-1)?.user_identities).toBeUndefined()
  })

  it('wait in memory where storage is blocked, with one warning on the console', async () => {
    await context.addInitScript(`Object.defineProperty(window, 'localStorage', {
      get() { throw new DOMException('blocked', 'SecurityError') } })`)
    const page = await context.newPage()
    const warnings: string[] = []
    page.on('console', (message) => warnings.push(message.text()))
    collector.answerNext(503)
    await page.goto(site.page(sdkPage(collector)))
    await track(page, 'a', 20)
    await page.evaluate("weir.identify({ other: 'o' }); weir.track('b000')")
    await eventually(() => collector.names()).toEqual([...names('a', 20), 'b000'])
    expect(collector.batches().at(-1)?.user_identities).toEqual({ other: 'o' })
    expect(warnings.filter((text) => text.startsWith('weir:'))).toHaveLength(1)
  })

  it('wait in memory once the page has filled the storage', async () => {
    const page = await openPage(context, site, collector, { batchWaitMs: 60_000 })
    await page.evaluate(`for (let size = 4194304; size >= 1; size /= 2)
      try { for (let i = 0; ; i++) localStorage.setItem('page' + size + i, 'x'.repeat(size)) } catch {}`)
    await track(page, 'a', 20)
    expect(await page.evaluate('weir.flush()')).toBe(true)
    expect(collector.names()).toEqual(names('a', 20))
  })

  it('wait in memory beyond their share of the storage, and are sent all the same', async () => {
    const page = await context.newPage()
    const warnings: string[] = []
    page.on('console', (message) => warnings.push(message.text()))
    collector.answerAlways(503)
    await page.goto(site.page(sdkPage(collector, { storedChars: 5000, batchWaitMs: 60_000 })))
    await page.evaluate("weir.identify({ other: 'one' })")
    await track(page, 'a', 10)
    await page.evaluate("weir.identify({ other: 'two' })")
    await track(page, 'b', 10)
    await page.evaluate("weir.identify({ other: 'three' })")
    await track(page, 'c', 10)
    const stored = await page.evaluate(
      "Object.entries(localStorage).filter(([name]) => name.includes(':q.')).join('').length"
    )
    expect(stored).toBeLessThan(9000)
    expect(warnings.filter((text) => text.includes('memory only'))).toHaveLength(1)
    collector.answerAlways(202)
    await eventually(async () => {
      await page.evaluate('weir.flush()')
      return collector.names()
    }).toEqual(names('abc', 10))
  })
})

describe.each([
  ['by Web Locks', ''],
  ['by their silence', "Object.defineProperty(navigator, 'locks', { value: undefined })"],
])('several tabs, separated %s', { timeout: 60_000 }, (_, script) => {
  beforeEach(async () => {
    if (script) await context.addInitScript(script)
  })

  it('send their own events, none lost and none doubled', async () => {
    collector.answerNext(503, 503)
    const pages = await Promise.all([...'abc'].map(() => openPage(context, site, collector)))
    await Promise.all(pages.map((page, i) => track(page, 'abc'.charAt(i), 60)))
    await eventually(() => collector.names()).toEqual(names('abc', 60))
    expectNoDoubles()
    const repeats = collector.uploads.filter((upload) => upload.status === 202)
    expect(repeats).toHaveLength(collector.batches().length)
  })

  it('do not touch the events of a tab that lives', async () => {
    await context.clock.install()
    const first = await openPage(context, site, collector, { batchWaitMs: 60_000 })
    await track(first, 'a', 20)
    const two = await openPage(context, site, collector)
    await track(two, 'b', 20)
    await two.clock.runFor(5000)
    await eventually(() => collector.names()).toEqual(names('b', 20))
    await two.evaluate("document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))")
    await two.clock.runFor(5000)
    await track(first, 'c', 20)
    expect(await two.evaluate('weir.flush()')).toBe(true)
    expect(collector.names()).toEqual(names('b', 20))
    await first.evaluate('weir.flush()')
    await eventually(() => collector.names()).toEqual(names('abc', 20))
    expectNoDoubles()
  })
})

describe('tabs with Web Locks', { timeout: 60_000 }, () => {
  it('take over what a closed tab could not deliver', async () => {
    const first = await openPage(context, site, collector)
    const two = await openPage(context, site, collector)
    await collector.stop()
    await track(first, 'a', 20)
    await track(two, 'b', 20)
    await first.close()
    await collector.start()
    await two.evaluate("document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))")
    await eventually(() => collector.names()).toEqual(names('ab', 20))
    expectNoDoubles()
    await eventually(() => two.evaluate(STORED)).toBe(0)
  })
})

describe('a tab without Web Locks', { timeout: 60_000 }, () => {
  it('is taken for dead three minutes after a crash', async () => {
    await context.addInitScript("Object.defineProperty(navigator, 'locks', { value: undefined })")
    const page = await openPage(context, site, collector, { batchWaitMs: 60_000 })
    await track(page, 'a', 20)
    await crash(page)
    await page.close()
    const next = await context.newPage()
    await next.clock.install()
    await next.goto(site.page(sdkPage(collector)))
    await next.clock.runFor(150_000)
    expect(collector.uploads).toHaveLength(0)
    await eventually(async () => {
      await next.clock.runFor(5000)
      return collector.names()
    }).toEqual(names('a', 20))
    expectNoDoubles()
  })
})
