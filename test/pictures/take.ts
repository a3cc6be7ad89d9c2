import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { chromium, type Page } from 'playwright-core'

/*
 * Takes the pictures of the README from the running program: `WEIR_DATA=$(mktemp -d) npm start` in one
 * terminal, so that it begins empty, and `npm run pictures` in another. `--url` names another address.
 */

const { values } = parseArgs({
  options: { url: { type: 'string', default: 'http://127.0.0.1:8787' } },
})
const { url } = values
const width = 1100

const press = (page: Page, name: string): Promise<void> =>
  page.getByRole('button', { name, exact: true }).click()

const fileOf = (name: string): string => join(import.meta.dirname, `${name}.png`)

/** A purchase, as the demo page shows it once it is in the queue and in the bucket. */
const takeArrivals = async (page: Page): Promise<void> => {
  await page.goto(`${url}/demo`)
  // What the page records as it opens goes first, in an upload of its own.
  await page.locator('#bucket li', { hasText: 'session_start' }).first().waitFor()
  for (const name of ['Track products', 'Flush']) await press(page, name)
  for (const list of ['#queue', '#bucket']) {
    await page.locator(`${list} li:first-child`, { hasText: 'purchase' }).waitFor()
  }
  await page.evaluate('scrollTo(0, 0)')
  const box = await page.locator('#queue-title').boundingBox()
  const clip = { x: 0, y: (box?.y ?? 0) - 24, width, height: 420 }
  await page.screenshot({ path: fileOf('arrivals'), fullPage: true, clip })
}

/** The console's overview, with some traffic. */
const takeConsole = async (page: Page): Promise<void> => {
  for (const name of ['Page view', '100 at once', 'Flush']) await press(page, name)
  await page.locator('#bucket li').nth(2).waitFor()
  await page.goto(`${url}/console`)
  await page.getByLabel('Admin token').fill('demo-admin-token')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByRole('heading', { name: 'Flow' }).waitFor()
  await page.screenshot({ path: fileOf('console'), fullPage: true })
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
})
try {
  const page = await browser.newPage({ viewport: { width, height: 900 } })
  await takeArrivals(page)
  await takeConsole(page)
} finally {
  await browser.close()
}
