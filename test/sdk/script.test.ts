import { brotliCompressSync, constants } from 'node:zlib'
import type { Browser, BrowserContext } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import pkg from '../../package.json' with { type: 'json' }
import { snippet } from '../../sdk/browser/snippet'
import { type Collector, startCollector } from './collector'
import { built, eventually, launch, type Site, sdkPage, startSite } from './harness'

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

const options = () =>
  JSON.stringify({
    key: 'test-key',
    endpoint: collector.origin,
    batchWaitMs: 50,
    pages: false,
    campaign: false,
  })

describe('the snippet', { timeout: 40_000 }, () => {
  it('is shorter than 400 bytes', () => {
    expect(Buffer.byteLength(snippet)).toBeLessThan(400)
  })

  it('has calls from before the script carried out in order', async () => {
    const page = await context.newPage()
    const url = site.page(`<script>${snippet}</script><script>
      weir.track('before init'); weir.init(${options()}); weir.identify({ other: 'o' }); weir.track('second')
      window.early = weir.track; window.same = weir</script>`)
    await page.goto(url)
    expect(await page.evaluate('weir.flush()')).toBe(false)
    await page.addScriptTag({ url: '/weir.js' })
    await page.evaluate("weir.track('third'); early('fourth'); same.track('fifth')")
    await eventually(() => collector.events('custom_event')).toHaveLength(5)
    const sent = collector.events('custom_event').map((event) => event.data.event_name)
    expect(sent).toEqual(['before init', 'second', 'third', 'fourth', 'fifth'])
    expect(collector.batches().at(-1)?.user_identities).toEqual({ other: 'o' })
  })

  it('is safe to call when the script never arrives', async () => {
    const page = await context.newPage()
    await page.goto(site.page(`<script>${snippet}</script><script src="/missing.js"></script>`))
    const answer = await page.evaluate(`weir.init(${options()}); weir.track('a', {}); weir.page()
      weir.identify({}); weir.set({}); weir.trackProducts('click', []); weir.close(); weir.flush()`)
    expect(answer).toBe(false)
  })
})

describe('the script', { timeout: 40_000 }, () => {
  it('takes at most 5,120 bytes, brotli', () => {
    const params = { [constants.BROTLI_PARAM_QUALITY]: 11 }
    expect(brotliCompressSync(built('weir.js'), { params }).length).toBeLessThanOrEqual(5120)
  })

  it('makes no request before something is recorded', async () => {
    const page = await context.newPage()
    await page.goto(site.page(sdkPage(collector)))
    await page.close()
    expect(collector.methods).toEqual([])
  })

  it('starts by an attribute of its tag', async () => {
    const page = await context.newPage()
    const html = `<script src="${collector.origin}/weir.js" data-key="by-tag"></script>`
    await page.route('**/weir.js', (route) => route.fulfill({ body: built('weir.js') }))
    await page.goto(site.page(html))
    await page.evaluate("weir.track('a'); weir.flush()")
    await eventually(() => collector.names()).toEqual(['a'])
    expect(collector.uploads[0]?.path).toBe('/in/by-tag')
    expect(collector.events('screen_view')).toHaveLength(1)
  })

  it('says which calls it does not have, and carries out the others', async () => {
    const page = await context.newPage()
    const warnings: string[] = []
    page.on('console', (message) => warnings.push(message.text()))
    const url = site.page(`<script>${snippet}</script><script>
      weir.init(${options()}); weir.locate(); weir.track('a')</script><script src="/weir.js"></script>`)
    await page.goto(url)
    await page.evaluate('weir.locate()')
    await eventually(() => collector.names()).toEqual(['a'])
    expect(warnings.filter((text) => text.includes('no locate'))).toHaveLength(2)
  })

  it('doubles nothing when a page loads it twice', async () => {
    const page = await context.newPage()
    const url = site.page(`<script>${snippet}</script><script>
      weir.init(${options()}); weir.track('a')</script>
      <script src="/weir.js"></script><script src="/weir.js"></script>`)
    await page.goto(url)
    await page.evaluate("weir.track('b')")
    await eventually(() => collector.names()).toEqual(['a', 'b'])
    await page.close()
    expect(collector.names()).toEqual(['a', 'b'])
  })

  it('posts to the origin that it was loaded from', async () => {
    const page = await context.newPage()
    const posted: string[] = []
    await page.route('https://events.example.com/**', async (route) => {
      const request = route.request()
      if (request.method() === 'POST') posted.push(request.url())
      await route.fulfill({ contentType: 'text/javascript', body: built('weir.js') })
    })
    await page.goto(site.page('<script src="https://events.example.com/weir.js"></script>'))
    await page.evaluate("weir.init({ key: 'k' }); weir.track('a'); weir.flush()")
    expect(posted).toEqual(['https://events.example.com/in/k'])
  })

  it('works under a strict content security policy with trusted types', async () => {
    const page = await context.newPage()
    const policy = `default-src 'none'; script-src 'self'; connect-src ${collector.origin}; require-trusted-types-for 'script'`
    const url = site.page(`<meta http-equiv="Content-Security-Policy" content="${policy}">
      <script src="/weir.js"></script>`)
    const violations: string[] = []
    page.on('console', (message) => violations.push(message.text()))
    await page.goto(url)
    await page.evaluate(`weir.init(${options()}); weir.track('a'); weir.flush()`)
    await eventually(() => collector.names()).toEqual(['a'])
    expect(violations).toEqual([])
  })
})

describe('the module', { timeout: 40_000 }, () => {
  it('creates clients that post to the origin of the page', async () => {
    const page = await context.newPage()
    const url = site.page('')
    const posted: string[] = []
    await page.route('**/in/**', async (route) => {
      posted.push(route.request().url())
      await route.fulfill({ status: 202 })
    })
    await page.goto(url)
    await page.evaluate(`import('/weir.mjs').then(({ createClient }) => {
      const client = createClient({ key: 'k' }); client.track('a'); return client.flush() })`)
    expect(posted).toEqual([`${site.origin}/in/k`])
  })

  it('works in a web worker', async () => {
    const page = await context.newPage()
    await page.goto(site.page(''))
    const isTaken = await page.evaluate(`new Promise((resolve) => {
      const code = \`import('${site.origin}/weir.mjs').then(async ({ createClient }) => {
        const client = createClient(${options()}); client.track('a'); client.page('b')
        postMessage(await client.flush()) })\`
      const worker = new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })), { type: 'module' })
      worker.onmessage = (event) => resolve(event.data) })`)
    expect(isTaken).toBe(true)
    expect(collector.names()).toEqual(['a'])
  })

  it('is published with its types and for the worker to serve', () => {
    expect(built('weir.d.ts').toString()).toContain('declare function createClient')
    expect(built(`../public/sdk/${pkg.version}/weir.js`)).toEqual(built('weir.js'))
    expect(built(`../public/sdk/${pkg.version}/weir.mjs`)).toEqual(built('weir.mjs'))
    expect(built('../public/_headers').toString()).toContain('/sdk/*')
  })
})
