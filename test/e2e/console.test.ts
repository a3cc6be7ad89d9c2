import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { patience, type Started, start, stopAll } from './started'

const data = mkdtempSync(join(tmpdir(), 'weir-console-'))
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8')
let browser: Browser
let started: Started

beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  })
  started = await start({ WEIR_DATA: data })
  const isRunning = () => expect(started.output()).toContain('What lands in the queue')
  await vi.waitFor(isRunning, patience)
}, 120_000)

afterAll(async () => {
  await browser.close()
  await stopAll()
  rmSync(data, { recursive: true, force: true })
})

type Options = Parameters<Browser['newContext']>[0]

/** A browser's page that has signed in, and what went wrong in it. */
const signIn = async (options: Options = {}): Promise<{ page: Page; failures: string[] }> => {
  const context: BrowserContext = await browser.newContext(options)
  const page = await context.newPage()
  const failures: string[] = []
  page.on('pageerror', (error) => failures.push(error.message))
  page.on('console', (line) => {
    // Chromium says so of each answer that is an error, which some here are meant to be.
    const isAnswer = line.text().startsWith('Failed to load resource')
    if (line.type() === 'error' && !isAnswer) failures.push(line.text())
  })
  await page.goto(`${started.url}/console`)
  await page.getByLabel('Admin token').fill('demo-admin-token')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL(`${started.url}/console`)
  return { page, failures }
}

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
const follow = (page: Page, name: string) => page.getByRole('link', { name, exact: true }).click()

const isFocused = (page: Page, selector: string): Promise<boolean> =>
  page.evaluate(`document.activeElement?.matches('${selector}')`)

it('sets up an input, an output and a connection, and says at the field what is wrong', async () => {
  const { page, failures } = await signIn()
  const [all, main] = [page.getByRole('navigation'), page.getByRole('main')]
  await all.getByRole('link', { name: 'Inputs' }).click()
  await follow(page, 'Add an input')
  await page.getByLabel('ID', { exact: false }).first().fill('shop')
  await page.getByLabel('Name', { exact: true }).fill('Shop')
  const key = await page.getByLabel('Key', { exact: true }).inputValue()
  await press(page, 'Save')
  await expect.poll(() => main.textContent(), patience).toContain('Saved.')
  expect(await page.locator('#snippet-page').textContent()).toContain(`data-key="${key}"`)

  await all.getByRole('link', { name: 'Outputs' }).click()
  await follow(page, 'Amazon SQS')
  await page.locator('[name="id"]').fill('shop-queue')
  await page.getByLabel('Access Key ID').fill('test')
  await page.getByLabel('Endpoint URL').fill('nonsense')
  await press(page, 'Save')
  // The summary is read out at once, and leads to the field.
  const summary = page.locator('[role="alert"]')
  await expect.poll(() => summary.textContent(), patience).toContain('could not be saved')
  await expect.poll(() => isFocused(page, '[role="alert"]'), patience).toBe(true)
  const wrong = page.getByLabel('Endpoint URL')
  expect(await wrong.inputValue()).toBe('nonsense')
  expect(await wrong.getAttribute('aria-invalid')).toBe('true')
  const described = (await wrong.getAttribute('aria-describedby'))?.split(' ').at(-1)
  expect(await page.locator(`#${described}`).textContent()).toContain('must be a URL')
  await summary.getByRole('link').first().click()
  expect(await isFocused(page, '[name="settings.endpoint_url"]')).toBe(true)
  await wrong.fill(started.awsUrl)
  await page.getByLabel('Secret Access Key').fill('test')
  await press(page, 'Save')
  await expect.poll(() => main.textContent(), patience).toContain('Saved.')
  expect(await page.content()).not.toContain('value="test" type="password"')

  await all.getByRole('link', { name: 'Connections' }).click()
  await follow(page, 'Add a connection')
  await page.getByLabel('From').selectOption('input:shop')
  await page.getByLabel('To').selectOption('shop-queue')
  await press(page, 'Continue')
  await page.locator('[name="id"]').fill('shop-to-queue')
  await page.getByLabel('Queue URL').fill(`${started.awsUrl}/000000000000/not-there`)
  await press(page, 'Test')
  await expect.poll(() => main.textContent(), patience).toContain('did not accept the verification')
  await page.getByLabel('Queue URL').fill(`${started.awsUrl}/000000000000/weir-demo`)
  await press(page, 'Test')
  await expect.poll(() => main.textContent(), patience).toContain('The output accepted the test.')
  await press(page, 'Save')
  await expect.poll(() => main.textContent(), patience).toContain('Saved.')

  await fetch(`${started.url}/webevents/v3/JS/${key}/events`, {
    method: 'POST',
    body: JSON.stringify({
      mpid: '7',
      events: [
        { event_type: 'custom_event', data: { event_name: 'Seen', custom_event_type: 'other' } },
      ],
    }),
  })
  await expect.poll(started.output, patience).toContain('Seen')
  const shown = async () => {
    await page.reload()
    return main.textContent()
  }
  await expect.poll(shown, patience).toContain('1 of 1 event')
  await all.getByRole('link', { name: 'Overview' }).click()
  await expect.poll(() => main.textContent(), patience).toContain('shop-to-queue')
  expect(await main.textContent()).toContain('All connections are well.')
  expect(failures).toEqual([])
}, 120_000)

it('does all that without a script', async () => {
  const { page } = await signIn({ javaScriptEnabled: false })
  await page.goto(`${started.url}/console/inputs/new`)
  await page.locator('[name="id"]').fill('plain')
  await press(page, 'Put in a new key')
  expect(await page.locator('[name="id"]').inputValue()).toBe('plain')
  await page.locator('summary', { hasText: 'Limits' }).click()
  await page.getByLabel('Events per Day').fill('5')
  await press(page, 'Save')
  expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Input plain')
  expect(await page.getByLabel('Events per Day').inputValue()).toBe('5')
  await page.goto(`${started.url}/console/connections/web-queue`)
  await press(page, 'Disable')
  expect(await page.getByRole('main').textContent()).toContain('Disabled.')
  await press(page, 'Enable')
  expect(await page.getByRole('main').textContent()).toContain('Enabled.')
  await page.goto(`${started.url}/console/inputs/plain`)
  await follow(page, 'Delete')
  await press(page, 'Delete plain')
  expect(await page.getByRole('main').textContent()).toContain('Deleted.')
  await press(page, 'Sign out')
  await page.goto(`${started.url}/console/inputs`)
  expect(page.url()).toContain('/console/sign-in?to=')
}, 120_000)

const places = [
  '',
  '/inputs',
  '/inputs/new',
  '/inputs/web',
  '/inputs/mobile',
  '/inputs/web/delete',
  '/outputs',
  '/outputs/new/firehose',
  '/outputs/lake',
  '/connections',
  '/connections/new',
  '/connections/web-lake',
  '/nowhere',
]

interface Violation {
  id: string
  nodes: { html: string }[]
}

const violationsOf = async (page: Page): Promise<string[]> => {
  await page.evaluate(axe)
  const found = await page.evaluate<{ violations: Violation[] }>('axe.run()')
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`)
}

const overflowOf = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollWidth - innerWidth')

describe.each([
  ['light', 1280],
  ['dark', 1280],
  ['light', 360],
  ['dark', 360],
] as const)('in %s, %i px wide', (colorScheme, width) => {
  it('can be used by everyone', async () => {
    const { page, failures } = await signIn({ colorScheme, viewport: { width, height: 800 } })
    for (const place of places) {
      await page.goto(`${started.url}/console${place}`)
      // What is folded is looked at as well.
      await page.evaluate(
        "document.querySelectorAll('details').forEach((one) => { one.open = true })"
      )
      expect(await violationsOf(page), place).toEqual([])
      expect(await overflowOf(page), place).toBe(0)
    }
    await page.goto(`${started.url}/console/connections/web-queue`)
    await page.getByLabel('Queue URL').fill('nonsense')
    await press(page, 'Save')
    await page.waitForSelector('[role="alert"]')
    // With its styles.
    await page.waitForLoadState()
    expect(await violationsOf(page)).toEqual([])
    await press(page, 'Sign out')
    await page.waitForURL(/sign-in/)
    expect(await violationsOf(page)).toEqual([])
    expect(failures).toEqual([])
  }, 120_000)
})

it('can be gone through by keys, past what stands on every page', async () => {
  const { page } = await signIn()
  await page.keyboard.press('Tab')
  expect(await isFocused(page, '.skip')).toBe(true)
  expect(await page.locator('.skip').boundingBox()).toMatchObject({ x: 8 })
  await page.keyboard.press('Enter')
  expect(await isFocused(page, 'main')).toBe(true)
}, 60_000)
