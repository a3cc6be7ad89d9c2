import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { patience, start, stopAll, untilRunning } from './started'

const data = mkdtempSync(join(tmpdir(), 'weir-sdk-'))
let browser: Browser

beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  })
})
afterEach(stopAll)
afterAll(async () => {
  await browser.close()
  rmSync(data, { recursive: true, force: true })
})

interface Line {
  user_identities: { identity_type: string; identity: string }[]
  user_attributes: object
  events: { event_type: string; data: Record<string, string> }[]
}

const files = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? files(path) : [path]
  })

/** The batches in the bucket. */
const landed = (): Line[] =>
  files(join(data, 'aws/s3'))
    .filter((path) => path.endsWith('.txt'))
    .flatMap((path) => readFileSync(path, 'utf8').trimEnd().split('\n'))
    .map((line) => JSON.parse(line))

const HOUR_MS = 3_600_000

it('brings a whole visit to the bucket, at the right times though the clock is an hour off', {
  timeout: 180_000,
}, async () => {
  const started = await start({ WEIR_DATA: data })
  await untilRunning(started)
  const page = await browser.newPage()
  const failures: string[] = []
  page.on('pageerror', (error) => failures.push(error.message))
  await page.clock.install({ time: Date.now() - HOUR_MS })
  await page.goto(`${started.url}/health`)
  await page.addScriptTag({ url: '/weir-full.js' })
  const startMs = Date.now()
  const taken = await page.evaluate(`weir.init({ key: 'demo-web-key', transitions: true })
    weir.track('Seen'); weir.identify({ customer_id: 'c-7' }); weir.set({ plan: 'pro' })
    weir.setConsent({ gdpr: { analytics: true } })
    weir.trackProducts('purchase', [{ id: 's', name: 'Hat', price: 12 }], { currency_code: 'EUR' })
    weir.error(new Error('no')); weir.registerPush('token'); weir.endSession(); weir.flush()`)
  expect(taken).toBe(true)
  await page.close()

  const types = () => landed().flatMap((line) => line.events.map((event) => event.event_type))
  await expect.poll(types, patience).toContain('session_end')
  expect(new Set(types())).toEqual(
    new Set([
      'session_start',
      'screen_view',
      'application_state_transition',
      'custom_event',
      'commerce_event',
      'crash_report',
      'push_registration',
      'session_end',
    ])
  )
  const known = landed().find((line) => line.events.some((one) => one.event_type === 'session_end'))
  expect(known?.user_identities).toMatchObject([{ identity_type: 'customer_id', identity: 'c-7' }])
  expect(known?.user_attributes).toEqual({ plan: 'pro' })
  for (const event of landed().flatMap((line) => line.events)) {
    const { timestamp_unixtime_ms: corrected, source_timestamp_unixtime_ms: raw } = event.data
    expect(Math.abs(Number(corrected) - startMs)).toBeLessThan(60_000)
    expect(Math.abs(Number(corrected) - Number(raw) - HOUR_MS)).toBeLessThan(60_000)
  }
  const rejected = await fetch(`${started.url}/admin/v1/rejected`, {
    headers: { authorization: 'Bearer demo-admin-token' },
  })
  expect(await rejected.json()).toMatchObject({ count: 0 })
  expect(failures).toEqual([])
})
