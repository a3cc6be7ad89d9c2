import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterEach, beforeAll, expect, it } from 'vitest'
import { kpis, newFolder, report } from './kpis/command'
import { makeEvents } from './kpis/events'
import { makeLines, writeFile, writeFiles } from './kpis/lines'

const folder = newFolder()
const page = join(folder, 'report.html')
const hostile =
  '</script><script>document.title = "run"</script><img src=x onerror="document.title=1">'

let browser: Browser

beforeAll(async () => {
  const { lines } = makeLines(makeEvents(3), 3)
  const play = { event_type: hostile, timestamp: Date.UTC(2025, 2, 5), metrics: { [hostile]: 1 } }
  const purchase = {
    event_type: '_monetization.purchase',
    timestamp: Date.UTC(2025, 2, 5),
    attributes: { _currency: hostile },
    metrics: { _item_price: 1e6 },
  }
  writeFiles(folder, [...lines, ...[play, purchase].map((one) => JSON.stringify(one))], 3)
  expect(await kpis([folder, '--output', page])).toMatchObject({ code: 0 })
  const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'
  browser = await chromium.launch({ executablePath })
  return () => browser.close()
})

interface Opened {
  page: Page
  requests: string[]
  complaints: string[]
}

const opened: Page[] = []
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
})

const open = async (
  file: string,
  options: { colorScheme?: 'dark' | 'light' } = {}
): Promise<Opened> => {
  const tab = await browser.newPage(options)
  opened.push(tab)
  const requests: string[] = []
  const complaints: string[] = []
  tab.on('request', (request) => requests.push(request.url()))
  tab.on('console', (message) => complaints.push(message.text()))
  tab.on('pageerror', (error) => complaints.push(error.message))
  await tab.goto(pathToFileURL(file).href)
  return { page: tab, requests, complaints }
}

it('draws every chart and asks nobody for anything', async () => {
  const { page: tab, requests, complaints } = await open(page)
  const charts = tab.locator('.chart')
  expect(await charts.count()).toBe(10)
  expect(await tab.locator('.chart canvas').count()).toBe(10)
  expect(complaints).toEqual([])
  expect(requests).toEqual([pathToFileURL(page).href])
})

it('runs nothing that a name holds', async () => {
  const { page: tab } = await open(page)
  expect(await tab.title()).toBe('KPIs, 2025-02-18 to 2025-04-20')
  expect(await tab.locator('img').count()).toBe(0)
  expect(await tab.getByRole('cell', { name: hostile, exact: true }).count()).toBeGreaterThan(0)
})

it('has a table beneath each chart with the numbers of the report', async () => {
  const { kpis: all } = await report([folder])
  const { page: tab } = await open(page)
  expect(await tab.locator('details table').count()).toBe(10)
  const cells = await tab
    .locator('details')
    .first()
    .locator('tbody tr')
    .evaluateAll((rows) =>
      rows.map((row) => [...row.children].map(({ textContent }) => textContent))
    )
  const mau = all['/kpis/mau/count'].rows
  const dau = all['/kpis/dau/count'].rows
  expect(cells).toEqual(
    mau.map(({ day, count }: { day: string; count: number }, index: number) => [
      day,
      String(count),
      String(dau[index].count),
    ])
  )
})

it('is dark where the reader wants it so', async () => {
  const background = async (colorScheme: 'dark' | 'light') => {
    const { page: tab } = await open(page, { colorScheme })
    const colour = await tab.evaluate<string>('getComputedStyle(document.body).backgroundColor')
    return Math.max(...[...colour.matchAll(/\d+/g)].map(Number))
  }
  expect(await background('light')).toBeGreaterThan(200)
  expect(await background('dark')).toBeLessThan(60)
})

it('shows three years in a file of less than three megabytes', async () => {
  const source = newFolder()
  const day = (index: number) => Date.UTC(2022, 0, 1) + index * 86_400_000
  const line = (_: unknown, index: number) =>
    JSON.stringify({ event_type: '_session.start', timestamp: day(index), client_id: 'one' })
  writeFile(source, 'a.txt', Array.from({ length: 1096 }, line).join('\n'))
  const file = join(source, 'report.html')
  expect(await kpis([source, '--output', file])).toMatchObject({ code: 0 })
  expect(readFileSync(file).length).toBeLessThan(3_000_000)
  const { page: tab, complaints } = await open(file)
  expect(await tab.locator('.chart canvas').count()).toBe(5)
  expect(complaints).toEqual([])
})
