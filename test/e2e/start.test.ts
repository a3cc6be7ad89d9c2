import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { snippet } from '../../sdk/browser/snippet'
import {
  descendants,
  freePort,
  root,
  type Started,
  start,
  startCommand,
  stop,
  stopAll,
  until,
  untilRunning,
} from './started'

const run = promisify(execFile)
const slow = 180_000
const folder = mkdtempSync(join(tmpdir(), 'weir-start-'))
const data = join(folder, 'data')

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

interface Told {
  count: number
  version: number
  workspace: { outputs: { settings: object }[] }
}

const admin = async ({ url }: Started, path: string): Promise<Told> => {
  const headers = { authorization: 'Bearer demo-admin-token' }
  return (await (await fetch(`${url}/admin/v1/${path}`, { headers })).json()) as Told
}

const eventNames = (line: string): string[] =>
  JSON.parse(line).events.map(
    ({ event_type, data }: { event_type: string; data: { event_name?: string } }) =>
      data.event_name ?? event_type
  )

afterAll(async () => {
  await stopAll()
  rmSync(folder, { recursive: true, force: true })
})

describe('npm start', () => {
  let browser: Browser
  let started: Started

  beforeAll(async () => {
    started = await start({ WEIR_DATA: data })
    await untilRunning(started)
    const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'
    browser = await chromium.launch({ executablePath })
  })

  afterAll(() => browser.close())

  it('brings a click on the demo page to the queue, the bucket, the page and the terminal', {
    timeout: slow,
  }, async () => {
    expect(started.output()).toContain(`${started.url}/demo`)
    expect(started.output()).toContain('demo-admin-token')

    const page = await browser.newPage()
    const failures: string[] = []
    page.on('pageerror', (error) => failures.push(error.message))
    await page.goto(`${started.url}/demo`)
    expect(await page.content()).toContain(snippet)
    await page.getByLabel('Name').fill('Opened the gate')
    await page.getByRole('button', { name: 'Track event' }).click()
    await page.getByText('weir.track("Opened the gate"').waitFor()
    for (const column of ['#queue', '#bucket']) {
      await page
        .locator(`${column} pre`, { hasText: 'Opened the gate' })
        .waitFor({ timeout: 60_000 })
    }
    await until(async () =>
      expect(await page.locator('#connections').textContent()).toMatch(
        /web-queue\s*ok: 4 delivered.*web-lake\s*ok: 4 delivered/s
      )
    )
    expect(failures).toEqual([])

    const date = new Date().toISOString().slice(0, 10)
    const line = new RegExp(`bucket  weir-demo/(events/${date}/Demo_\\d{20}_\\d{5}\\.txt)  .*`, 'g')
    expect(started.output()).toMatch(
      /queue {3}weir-demo {2}[\d,]+ bytes {2}[34] events, session_start/
    )
    const names: string[] = []
    for (const [, key] of started.output().matchAll(line)) {
      const object = await (await fetch(`${started.awsUrl}/weir-demo/${key}`)).text()
      names.push(...object.trimEnd().split('\n').flatMap(eventNames))
    }
    // What opening the page records, in whichever order its features start, and the click.
    expect(names.sort()).toEqual([
      'Opened the gate',
      'application_state_transition',
      'screen_view',
      'session_start',
    ])
    await page.close()
  })

  it('shows on the demo page what was rejected', { timeout: slow }, async () => {
    const page = await browser.newPage()
    await page.goto(`${started.url}/demo`)
    await page.getByRole('button', { name: 'Garbage' }).click()
    await page.getByText('202, 202').waitFor()
    await page.locator('#rejected-list', { hasText: 'The body is not JSON' }).waitFor()
    await page.locator('#rejected-list', { hasText: 'An event must be an object' }).waitFor()
    expect((await admin(started, 'rejected')).count).toBe(3)
    await page.close()
  })

  it('keeps its secrets to its owner and never puts the demo among the deployed files', async () => {
    expect(statSync(join(data, 'secrets.json')).mode & 0o777).toBe(0o600)
    expect(() => statSync(join(root, 'dist/public/demo.html'))).toThrow()
  })

  it.concurrent('finds its data again, also with other ports, and leaves no process behind', {
    timeout: slow,
  }, async () => {
    const first = await start({ WEIR_DATA: join(folder, 'again') })
    await untilRunning(first)
    const children = descendants(first.process.pid ?? 0).map(({ pid }) => pid)
    expect(children.length).toBeGreaterThan(1)
    const put = await fetch(`${first.awsUrl}/weir-demo/kept.txt`, { method: 'PUT', body: 'kept' })
    expect(put.status).toBe(200)
    const secrets = readFileSync(join(folder, 'again/secrets.json'), 'utf8')
    expect(await stop(first)).toBe(0)
    await until(() => expect(children.filter(isAlive)).toEqual([]))

    const second = await start({ WEIR_DATA: join(folder, 'again') })
    await untilRunning(second)
    expect(second.output()).toContain(`The example's outputs now point to ${second.awsUrl}.`)
    expect(await (await fetch(`${second.awsUrl}/weir-demo/kept.txt`)).text()).toBe('kept')
    expect(readFileSync(join(folder, 'again/secrets.json'), 'utf8')).toBe(secrets)
    const { version, workspace } = await admin(second, 'workspace')
    expect(version).toBe(2)
    expect(workspace.outputs.map((one) => one.settings)).toMatchObject([
      { endpoint_url: second.awsUrl },
      { endpoint_url: second.awsUrl },
    ])
    const event = { event_type: 'custom_event', data: { event_name: 'After the move' } }
    const sent = await fetch(`${second.url}/webevents/v3/JS/demo-web-key/events`, {
      method: 'POST',
      body: JSON.stringify({ mp_deviceid: 'device-1', events: [event] }),
    })
    expect(sent.status).toBe(202)
    await until(() =>
      expect(second.output()).toMatch(/queue .*1 event, custom_event "After the move"/)
    )
    await until(() =>
      expect(second.output()).toMatch(/bucket .*1 event, custom_event "After the move"/)
    )
  })

  it.concurrent.each(['PORT', 'AWS_PORT'])(
    'says in one line that %s is in use, and ends',
    {
      timeout: slow,
    },
    async (name) => {
      const holder = createServer()
      const port = await freePort()
      await new Promise<void>((done) => holder.listen(port, '127.0.0.1', done))
      const started = await start({ [name]: String(port), WEIR_DATA: join(folder, name) })
      expect(await started.exitCode).toBe(1)
      expect(started.output().trim()).toBe(
        `Port ${port} is in use. Stop what runs there or set ${name}.`
      )
      const other = name === 'PORT' ? started.awsUrl : started.url
      await expect(fetch(other)).rejects.toThrow()
      await new Promise((done) => holder.close(done))
    }
  )

  it.concurrent('refuses an argument that it does not know, and says which there are', async () => {
    const started = await start({ WEIR_DATA: join(folder, 'argument') }, ['--http'])
    expect(await started.exitCode).toBe(2)
    expect(started.output().trim()).toBe("Unknown option '--http'.\nUsage: npm start [-- --https]")
  })

  it.concurrent('tells all of what is wrong, also to a slow reader', async () => {
    // More than a pipe holds.
    const unknown = `--${'unknown'.repeat(15_000)}`
    const piped = '"$@" 2>&1 | (sleep 2; cat)'
    const { stdout } = await run('sh', ['-c', piped, 'sh', ...startCommand, unknown], { cwd: root })
    expect(stdout).toBe(`Unknown option '${unknown}'.\nUsage: npm start [-- --https]\n`)
  })

  it.concurrent('does not open a data folder that another one has open', {
    timeout: slow,
  }, async () => {
    const second = await start({ WEIR_DATA: data })
    expect(await second.exitCode).toBe(1)
    expect(second.output()).toMatch(/^\S+data is in use by process \d+\. .*WEIR_DATA\.\n$/)
  })
})
