import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Started, start, stopAll, until, untilRunning } from './started'

const data = mkdtempSync(join(tmpdir(), 'weir-console-live-'))
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8')
let browser: Browser
let started: Started

const mpid = '7500000000000000001'

const batchOf = (event_name: string, fields: Record<string, unknown>) => ({
  source_request_id: crypto.randomUUID(),
  mpid,
  mp_deviceid: 'e4c07f48-7aff-48a2-b5fa-891bef04778e',
  events: [
    {
      event_type: 'custom_event',
      data: { event_name, custom_event_type: 'other', timestamp_unixtime_ms: Date.now() },
    },
  ],
  ...fields,
})

const upload = async (name: string, fields: Record<string, unknown> = {}): Promise<void> => {
  const answer = await fetch(`${started.url}/webevents/v3/JS/demo-web-key/events`, {
    method: 'POST',
    body: JSON.stringify(batchOf(name, fields)),
  })
  expect(answer.status).toBe(202)
}

const admin = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${started.url}/admin/v1${path}`, {
    ...init,
    headers: { authorization: 'Bearer demo-admin-token' },
  })

// Our own API, of this very worker.
const read = async <T>(path: string): Promise<T> => (await admin(path)).json() as Promise<T>

const put = async (path: string, body: unknown): Promise<void> => {
  const answer = await admin(path, { method: 'PUT', body: JSON.stringify(body) })
  expect(answer.ok, await answer.clone().text()).toBe(true)
}

beforeAll(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  })
  started = await start({ WEIR_DATA: data })
  await untilRunning(started)
})

afterAll(async () => {
  await browser.close()
  await stopAll()
  rmSync(data, { recursive: true, force: true })
})

const signIn = async (options: BrowserContextOptions = {}) => {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  const failures: string[] = []
  page.on('pageerror', (error) => failures.push(error.message))
  page.on('console', (line) => {
    if (line.type() === 'error') failures.push(line.text())
  })
  await page.goto(`${started.url}/console/sign-in`)
  await page.getByLabel('Admin token').fill('demo-admin-token')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL(`${started.url}/console`)
  return { context, page, failures }
}

const events = (page: Page): Promise<string[]> => page.locator('.live-name').allTextContents()

/** Uploads until the page shows it: it may take ten seconds until the worker knows of the page. */
const untilShown = (page: Page, name: string): Promise<void> =>
  until(async () => {
    await upload(name)
    expect(await events(page)).toContain(name)
  })

describe('the live page', () => {
  it('shows events as they come in, holds them while paused, and filters them', async () => {
    const { page, failures } = await signIn()
    await page.goto(`${started.url}/console/live`)
    await untilShown(page, 'Hat seen')

    const pause = page.getByRole('button', { name: 'Pause' })
    await pause.click()
    expect(await pause.getAttribute('aria-pressed')).toBe('true')
    await upload('Held')
    const state = page.getByRole('status')
    await until(async () =>
      expect(await state.textContent()).toMatch(/Paused: [1-9]\d* events? held back/)
    )
    expect(await events(page)).not.toContain('Held')
    await pause.click()
    expect(await events(page)).toContain('Held')

    await page.getByLabel('mpid').fill('7500000000000000002')
    await page.getByRole('button', { name: 'Filter' }).click()
    expect(await events(page)).toEqual([])
    expect(new URL(page.url()).searchParams.get('mpid')).toBe('7500000000000000002')
    await until(async () => {
      await upload('Unwanted')
      await upload('Wanted', { mpid: '7500000000000000002' })
      expect(await events(page)).toContain('Wanted')
    })
    expect(await events(page)).not.toContain('Unwanted')

    await page.locator('.live summary').first().click()
    expect(await page.locator('.live pre').first().textContent()).toContain('"event_name"')
    expect(failures).toEqual([])
    await page.context().close()
  })

  // It may take ten seconds until a page is told of anything: they wait at the same time.
  it.concurrent('shows what somebody sends as text', async () => {
    const { page, failures } = await signIn()
    await page.goto(`${started.url}/console/live`)
    const name = '<img src=x onerror=alert(1)>'
    await untilShown(page, name)
    await page.locator('.live summary').first().click()
    expect(await page.locator('.live img').count()).toBe(0)
    expect(failures).toEqual([])
    await page.context().close()
  })

  it.concurrent('goes on by itself after the stream broke', async () => {
    const { page } = await signIn()
    let opened = 0
    await page.routeWebSocket(/\/stream$/, (socket) => {
      opened += 1
      if (opened === 1) socket.close()
      else socket.connectToServer()
    })
    await page.goto(`${started.url}/console/live`)
    await untilShown(page, 'After it broke')
    expect(opened).toBe(2)
    await page.context().close()
  })

  it.concurrent('stops watching when it is left, and goes on when somebody comes back', async () => {
    const { page } = await signIn()
    const open = new Set<object>()
    await page.routeWebSocket(/\/stream$/, (socket) => {
      const server = socket.connectToServer()
      open.add(socket)
      socket.onClose(() => {
        open.delete(socket)
        server.close()
      })
    })
    await page.goto(`${started.url}/console/live`)
    await untilShown(page, 'First')
    await page.goto(`${started.url}/console/rejected`)
    await until(() => expect(open.size).toBe(0))
    await page.goBack()
    await untilShown(page, 'Again')
    expect(open.size).toBe(1)
    await page.context().close()
  })
})

const pages = async (): Promise<string[]> => {
  await put('/audiences/pros', { name: 'Pays', rule: { attribute: { plan: 'pro' } } })
  const queue = await read<{ settings: object }>('/connections/web-queue')
  const settings = { ...queue.settings, max_message_bytes: 1024 }
  await put('/connections/small?verify=false', { ...queue, id: 'small', settings })
  const long = { colour: 'x'.repeat(1500) }
  await until(async () => {
    await upload('Large', {
      user_identities: { email: 'ada@example.org' },
      user_attributes: { plan: 'pro', ...long },
    })
    const path = '/connections/small/status'
    expect(
      (await read<{ dead_letters: { letters: number } }>(path)).dead_letters.letters
    ).toBeGreaterThan(0)
  })
  await fetch(`${started.url}/webevents/v3/JS/demo-web-key/events`, { method: 'POST', body: '{' })
  await until(async () =>
    expect(await read<{ rejected: object[] }>('/rejected?input=web')).toMatchObject({
      rejected: [{}],
    })
  )
  return [
    '/deliveries',
    '/deliveries/web-queue',
    '/deliveries/small',
    '/deliveries/small/delete?letter=all',
    '/rejected',
    '/profiles',
    `/profiles/${mpid}`,
    `/profiles/${mpid}/erase`,
    '/profiles/1',
    '/audiences',
    '/audiences/new',
    '/audiences/pros',
    '/audiences/pros/delete',
    '/live',
  ]
}

const openAll = (page: Page) =>
  page.locator('details').evaluateAll((all) => {
    for (const one of all) one.setAttribute('open', '')
  })

interface Violation {
  id: string
  nodes: { html: string }[]
}

const violations = async (page: Page): Promise<string[]> => {
  await page.evaluate(axe)
  const found = (await page.evaluate('axe.run(document)')) as { violations: Violation[] }
  return found.violations.map(({ id, nodes }) => `${page.url()}: ${id}: ${nodes[0]?.html}`)
}

describe('the working pages', () => {
  it('can be used by everybody, dark or light, on a screen or a phone', {
    timeout: 180_000,
  }, async () => {
    const paths = await pages()
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const width of [1280, 360]) {
        const { context, page } = await signIn({ colorScheme, viewport: { width, height: 800 } })
        for (const path of paths) {
          await page.goto(`${started.url}/console${path}`)
          if (path === '/live') await untilShown(page, 'Seen')
          await openAll(page)
          expect(await violations(page)).toEqual([])
          const isWide = 'document.documentElement.scrollWidth > innerWidth'
          expect(await page.evaluate(isWide), `${path} at ${width}`).toBe(false)
        }
        await context.close()
      }
    }
  })

  it('draw what was delivered as charts', async () => {
    const { context, page, failures } = await signIn()
    await upload('Delivered')
    await until(async () => {
      await page.goto(`${started.url}/console/deliveries/web-queue`)
      expect(await page.locator('.chart canvas').count()).toBe(2)
    })
    expect(failures).toEqual([])
    await context.close()
  })

  it('work without JavaScript: look-up, dry run, replay', async () => {
    await pages()
    const { context, page } = await signIn({ javaScriptEnabled: false })
    await page.goto(`${started.url}/console/profiles`)
    await page.getByLabel('Look up by').selectOption('email')
    await page.getByLabel('Value').fill('ada@example.org')
    await page.getByRole('button', { name: 'Look up' }).click()
    await page.getByRole('link', { name: mpid }).click()
    await until(async () => expect(await page.title()).toContain(mpid))

    await page.goto(`${started.url}/console/audiences/pros`)
    await page.locator('[name="mpid"]').fill(mpid)
    await page.getByRole('button', { name: 'Dry run' }).click()
    await until(async () =>
      expect(await page.locator('#verdict').textContent()).toContain('inside')
    )

    await page.goto(`${started.url}/console/deliveries/small`)
    await page.getByRole('button', { name: 'Replay all' }).click()
    await until(async () =>
      expect(await page.getByRole('main').textContent()).toContain('Enqueued for delivery again.')
    )
    await context.close()
  })
})
