import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { eventsOf, type Line, linesIn } from './mparticle/bucket'
import { type Books, openShop, type Shopper } from './mparticle/shopper'
import { startShop } from './mparticle/site'
import { rejectedCount, startWeir } from './mparticle/weir'
import { killWorker, type Started, stop, stopAll, until } from './started'

const slow = 240_000
const key = 'demo-web-key'
let browser: Browser
let shop: Awaited<ReturnType<typeof startShop>>
const folders: string[] = []

const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'weir-mparticle-'))
  folders.push(folder)
  return folder
}

beforeAll(async () => {
  shop = await startShop()
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    // Also for beacons of pages that are closed, which a context's ignoreHTTPSErrors may not reach.
    args: ['--ignore-certificate-errors'],
  })
})
afterAll(async () => {
  await stopAll()
  await browser.close()
  shop.stop()
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

const domainOf = ({ httpsUrl }: Started): string => httpsUrl.replace('https://', '')

/** What may stand for `domain`: an address for each kind of request. */
const addresses = (domain: string) => ({
  configUrl: `${domain}/tags/JS/v2/`,
  identityUrl: `${domain}/identity/v1/`,
  aliasUrl: `${domain}/webevents/v1/identity/`,
  v1SecureServiceUrl: `${domain}/webevents/v1/JS/`,
  v2SecureServiceUrl: `${domain}/webevents/v2/JS/`,
  v3SecureServiceUrl: `${domain}/webevents/v3/JS/`,
})

const sorted = (texts: string[]): string[] => [...texts].sort()

/** Waits until as much is in the bucket as the SDK has made. */
const untilLanded = async (started: Started, { batches }: Books): Promise<void> => {
  const made = new Set(batches.flatMap(({ events }) => events.map(({ id }) => id)))
  await until(async () => {
    const there = new Set(eventsOf(await linesIn(started)).map(({ id }) => id))
    expect([...made].filter((id) => !there.has(id))).toEqual([])
  })
}

/** Each event that the SDK made, and each call of the page, lies in the bucket once, where it belongs. */
const expectBalance = (lines: Line[], { batches, calls }: Books): void => {
  // Those of the fence are not the SDK's, and have no id.
  const landed = eventsOf(lines).filter(({ id }) => id !== '')
  const made = batches.flatMap(({ mpid, events }) =>
    events.map(({ type, id }) => `${id} ${type} of ${mpid}`)
  )
  expect(sorted(landed.map(({ id, type, mpid }) => `${id} ${type} of ${mpid}`))).toEqual(
    sorted(made)
  )
  const named = landed.filter(({ name }) => name !== undefined)
  expect(sorted(named.map(({ name, type, mpid }) => `${name} ${type} of ${mpid}`))).toEqual(
    sorted(calls.map(({ name, type, mpid }) => `${name} ${type} of ${mpid}`))
  )
}

const identities = JSON.stringify({ customerid: 'c-42', email: 'ada@example.org' })

/** What a page does after a login: everything else that concerns who the user is. */
const changeUsers = async ({ does }: Shopper, anonymous: string): Promise<void> => {
  const known = await does<string>('visit.mpid()')
  expect(known).not.toBe(anonymous)
  expect(await does('visit.isLoggedIn()')).toBe(true)
  await does(`visit.modify({ mobile_number: '+49 30 123', email: null })`)
  expect(await does('visit.mpid()')).toBe(known)
  expect(await does('visit.isLoggedIn()')).toBe(true)
  expect(await does(`visit.alias('${anonymous}')`)).toMatchObject({ httpCode: 202 })
  const found = await does<{ body: object }>(`visit.search('${key}', { customerid: 'c-42' })`)
  expect(found).toMatchObject({ httpCode: 200, body: { mpid: known } })
  await does('visit.logout()')
  expect(await does('visit.mpid()')).toBe(anonymous)
  expect(await does('visit.isLoggedIn()')).toBe(false)
}

const named = (event_name: string) => ({ event_type: 'custom_event', data: { event_name } })

/**
 * Waits until an event of each user has arrived that was sent after all others: a profile's events
 * keep their order, so nothing can come any more that came twice.
 */
const passFence = async (started: Started, device: string, { batches }: Books): Promise<void> => {
  const mpids = [...new Set(batches.map(({ mpid }) => mpid))]
  for (const mpid of mpids) {
    const batch = { mpid, mp_deviceid: device, events: [named(`Fence of ${mpid}`)] }
    const url = `${started.url}/webevents/v3/JS/${key}/events`
    await fetch(url, { method: 'POST', body: JSON.stringify(batch) })
  }
  await until(async () => {
    const lines = await linesIn(started)
    expect(mpids.filter((mpid) => !lineWith(lines, `Fence of ${mpid}`))).toEqual([])
  })
}

/** Leaves the shop once all before has arrived, with one event that only a beacon can bring. */
const leave = async (started: Started, { does, page, books }: Shopper) => {
  await untilLanded(started, await books())
  const device = await does<string>('mParticle.getDeviceId()')
  await does(`visit.event('The last')`)
  await page.close({ runBeforeUnload: true })
  const written = await books()
  await untilLanded(started, written)
  await passFence(started, device, written)
  return { books: written, lines: await linesIn(started) }
}

const lineWith = (lines: Line[], name: string): Line | undefined =>
  lines.find(({ events = [] }) => events.some(({ data }) => data.event_name === name))

const expectAllKinds = (lines: Line[]): void => {
  const landed = eventsOf(lines)
  expect(new Set(landed.map(({ type }) => type))).toEqual(
    new Set([
      'session_start',
      'session_end',
      'application_state_transition',
      'screen_view',
      'custom_event',
      'crash_report',
      'commerce_event',
      'user_attribute_change',
      'user_identity_change',
      'opt_out',
    ])
  )
  const commerce = landed.filter(({ type }) => type === 'commerce_event')
  const kinds = commerce.map(({ event: { data } }) =>
    data.product_action
      ? (data.product_action as { action: string }).action
      : data.promotion_action
        ? `promotion ${(data.promotion_action as { action: string }).action}`
        : Object.keys(data).find((name) => name === 'product_impressions')
  )
  expect(new Set(kinds)).toEqual(
    new Set([
      ...['add_to_cart', 'remove_from_cart', 'checkout', 'checkout_option', 'click'],
      ...['view_detail', 'purchase', 'refund', 'add_to_wishlist', 'remove_from_wish_list'],
      ...['promotion view', 'promotion click', 'product_impressions'],
    ])
  )
}

it.concurrent('takes a whole visit of the SDK unchanged, each event once and under its mpid', {
  timeout: slow,
}, async () => {
  const { started } = await startWeir(newFolder())
  const shopper = await openShop(browser, shop.origin, { key, domain: domainOf(started) })
  const { does } = shopper
  const anonymous = await does<string>('visit.mpid()')
  expect(await does('visit.isLoggedIn()')).toBe(false)
  for (const step of ['views', 'errors', 'attributes', 'commerce', 'consent', 'optOutAndIn']) {
    await does(`visit.${step}()`)
  }
  await does(`visit.login(${identities})`)
  const known = await does<string>('visit.mpid()')
  await does(`visit.event('Logged in'); visit.commerce()`)
  await changeUsers(shopper, anonymous)
  await does('visit.newSession()')
  const { books, lines } = await leave(started, shopper)

  expectBalance(lines, books)
  expectAllKinds(lines)
  expect(lineWith(lines, 'While opted out')).toBeUndefined()
  const { gdpr, ccpa } = lineWith(lines, 'Consented to less')?.consent_state ?? {}
  expect(gdpr).toEqual({ analytics: expect.objectContaining({ consented: true }) })
  expect(ccpa).toBeFalsy()
  expect(lines.filter((line) => line.message_type === 'alias_request')).toMatchObject([
    { data: { source_mpid: anonymous, destination_mpid: known, scope: 'device' } },
  ])
  expect(await rejectedCount(started)).toBe(0)
  // Told by the SDK itself, when the page logs what it must not.
  expect(shopper.errors).toEqual(['Event logging is currently disabled.'])

  const batch = { user_identities: { customer_id: 'c-42' }, events: [named('From elsewhere')] }
  await fetch(`${started.url}/in/${key}`, { method: 'POST', body: JSON.stringify(batch) })
  await until(async () =>
    expect(lineWith(await linesIn(started), 'From elsewhere')?.mpid).toBe(known)
  )
  await shopper.context.close()
})

// What the browser and the SDK say of requests that nobody answers.
const outage = /^(Failed to load resource: net::ERR_|Error sending event to mParticle servers\.)/

it.concurrent('loses nothing and doubles nothing when the worker is killed in the middle of a visit', {
  timeout: slow,
}, async () => {
  const { started, again } = await startWeir(newFolder())
  const shopper = await openShop(browser, shop.origin, { key, ...addresses(domainOf(started)) })
  const { does, errors } = shopper
  const anonymous = await does<string>('visit.mpid()')
  await does('visit.views(); visit.attributes()')
  await does(`visit.login(${identities})`)
  await does(`visit.event('Before'); visit.commerce()`)
  killWorker(started)
  await does(`visit.event('While it is gone'); visit.commerce(); visit.errors(); visit.consent()`)
  await until(() => expect(errors.some((one) => outage.test(one))).toBe(true))
  await stop(started)
  const restarted = await again()
  await does(`visit.event('Afterwards')`)
  await changeUsers(shopper, anonymous)
  await does('visit.newSession()')
  const { books, lines } = await leave(restarted, shopper)

  expectBalance(lines, books)
  expect(lines.filter((line) => line.message_type === 'alias_request')).toHaveLength(1)
  expect(errors.filter((one) => !outage.test(one))).toEqual([])
  expect(await rejectedCount(restarted)).toBe(0)
  await shopper.context.close()
})
