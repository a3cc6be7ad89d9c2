import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { eventsOf, landedOf } from './mobile-analytics/landed'
import { root, type Started, start, stopAll, until, untilRunning } from './started'

const data = mkdtempSync(join(tmpdir(), 'weir-mobile-browser-'))
const HOUR_MS = 3_600_000
let browser: Browser
let site: Server
let weir: Started

const scripts: Record<string, string> = {
  '/aws-sdk.js': 'node_modules/aws-sdk/dist/aws-sdk.min.js',
  '/manager.js': 'node_modules/aws-sdk-mobile-analytics/dist/aws-sdk-mobile-analytics.min.js',
}
const shop =
  '<!doctype html><link rel="icon" href="data:,"><script src="/aws-sdk.js"></script><script src="/manager.js"></script>'

beforeAll(async () => {
  // A site of its own, so that the browser asks before each request.
  site = createServer(({ url = '' }, answer) => {
    const file = scripts[url]
    answer.setHeader('content-type', file ? 'text/javascript' : 'text/html')
    answer.end(file ? readFileSync(join(root, file)) : shop)
  })
  await new Promise<void>((done) => site.listen(0, '127.0.0.1', done))
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  })
  weir = await start({ WEIR_DATA: data })
  await untilRunning(weir)
}, 120_000)
afterAll(async () => {
  await browser.close()
  site.close()
  await stopAll()
  rmSync(data, { recursive: true, force: true })
})

interface Visit {
  page: Page
  complaints: string[]
}

const visit = async (time?: number): Promise<Visit> => {
  const context = await browser.newContext()
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    // The SDK's farewell is a warning.
    if (message.type() === 'error') complaints.push(message.text())
  })
  if (time !== undefined) await page.clock.install({ time })
  await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`)
  return { page, complaints }
}

/** Records a session with the manager and sends it; how that ended. */
const shopAt = ({ page }: Visit, title: string, secret = 'demo-mobile-secret'): Promise<unknown> =>
  page.evaluate(`new Promise((done) => {
    AWS.config.region = 'us-east-1'
    AWS.config.credentials = new AWS.Credentials('demo-mobile-key', '${secret}')
    const manager = new AMA.Manager({
      appId: 'demo-app', appTitle: '${title}', autoSubmitEvents: false,
      clientOptions: { endpoint: '${weir.url}', retryDelayOptions: { base: 1 } },
    })
    manager.recordEvent('Seen ✓', { hat: 'teal' }, { size: 7 })
    manager.recordMonetizationEvent({ productId: 'hat', price: '$2.49', quantity: 1 })
    manager.stopSession()
    manager.submitEvents({ submitCallback: (error) => done(error && error.code) })
  })`)

const names = ['session_start', 'Seen ✓', 'commerce_event', 'session_end']

const expectLanded = async (title: string) => {
  const all = () => landedOf(data, title)
  await until(() => expect(eventsOf(all().bucket).map(({ name }) => name)).toEqual(names))
  await until(() => expect(eventsOf(all().queue).map(({ name }) => name)).toEqual(names))
  return all().bucket
}

// Most of the time they wait for a file to be written.
it.concurrent('brings a session from a page of another origin to bucket and queue, once', async () => {
  const shopping = await visit()
  expect(await shopAt(shopping, 'Browser')).toBeNull()
  const [batch] = await expectLanded('Browser')
  expect(batch?.device_info).toMatchObject({ platform: 'web' })
  expect(batch?.device_info?.http_header_user_agent).toContain('Chrome')
  expect(batch?.source_info).toEqual({ channel: 'javascript' })
  expect(shopping.complaints).toEqual([])
})

it.concurrent.each([-HOUR_MS, HOUR_MS])('corrects a clock that is %d ms off', async (offMs) => {
  const shopping = await visit(Date.now() + offMs)
  expect(await shopAt(shopping, `Clock ${offMs}`)).toBeNull()
  await expectLanded(`Clock ${offMs}`)
})

it.concurrent('is told of a wrong secret', async () => {
  const shopping = await visit()
  expect(await shopAt(shopping, 'Refused', 'wrong-secret')).toBe('InvalidSignatureException')
})

it.concurrent('is told what to do about a title that a browser cannot send readably', async () => {
  const shopping = await visit()
  const refused = await shopping.page.evaluate(`new AWS.MobileAnalytics({
    endpoint: '${weir.url}', region: 'us-east-1', maxRetries: 0,
    credentials: new AWS.Credentials('demo-mobile-key', 'demo-mobile-secret'),
  }).putEvents({
    events: [],
    clientContext: JSON.stringify({
      client: { client_id: 'c', app_title: 'Größe' },
      services: { mobile_analytics: { app_id: 'demo-app' } },
    }),
  }).promise().then(() => 'taken', (error) => error.message)`)
  expect(refused).toContain('x-amz-Client-Context-Encoding: base64')
})

it.concurrent('takes a title in any letters from a browser, in base64', async () => {
  const shopping = await visit()
  const title = 'Größe 😀'
  const answer = await shopping.page.evaluate(`(() => {
    const context = JSON.stringify({
      client: { client_id: 'c-base64', app_title: '${title}' },
      services: { mobile_analytics: { app_id: 'demo-app' } },
    })
    return new AWS.MobileAnalytics({
      endpoint: '${weir.url}', region: 'us-east-1',
      credentials: new AWS.Credentials('demo-mobile-key', 'demo-mobile-secret'),
    }).putEvents({
      events: [{ eventType: 'Seen', timestamp: new Date().toISOString(), version: 'v2.0' }],
      clientContext: AWS.util.base64.encode(context),
      clientContextEncoding: 'base64',
    }).promise().then(() => 'taken', (error) => error.message)
  })()`)
  expect(answer).toBe('taken')
  await until(() => expect(eventsOf(landedOf(data, title).bucket)).toHaveLength(1))
})
