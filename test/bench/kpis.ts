import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type Budgeted, number, wait } from './statistics'
import { stateFolder } from './workers'

const root = resolve(import.meta.dirname, '../..')
const millions = 1
const files = 200
const eventsPerFile = (millions * 1_000_000) / files
const eventsPerBatch = 10
const clients = 50_000
const days = 90
const firstMs = Date.UTC(2025, 0, 1)
const secondsBudget = 20
const mebibytesBudget = 1024

const agent =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36'

let nextId = 0

const client = (): string =>
  String(7_346_244_611_012_000_000n + BigInt(Math.floor(Math.random() * clients)))

const batchEvent = (ms: number, index: number) => {
  const common = {
    timestamp_unixtime_ms: String(ms + index),
    event_id: String(++nextId),
    session_uuid: randomUUID(),
    custom_attributes: { level: String(index), score: index * 1.5, colour: 'green' },
  }
  if (index === 0) return { event_type: 'session_start', data: common }
  if (index < eventsPerBatch - 1) {
    const data = { ...common, event_name: `Type ${index}`, custom_event_type: 'other' }
    return { event_type: 'custom_event', data }
  }
  const products = [{ id: 'wellies', price: 4.99, quantity: 2 }]
  const data = { ...common, currency_code: 'EUR', product_action: { action: 'purchase', products } }
  return { event_type: 'commerce_event', data }
}

const batchLine = (ms: number): string =>
  JSON.stringify({
    environment: 'production',
    mpid: client(),
    user_attributes: { plan: 'pro' },
    device_info: { platform: 'web', http_header_user_agent: agent },
    events: Array.from({ length: eventsPerBatch }, (_, index) => batchEvent(ms, index)),
    message_type: 'events',
  })

const recordTypes = ['_session.start', '_session.stop', 'Level', 'Share', '_monetization.purchase']

const recordLine = (ms: number, index: number): string => {
  const client_id = client()
  const context = { client: { client_id, app_title: 'Shop' }, env: { platform: 'android' } }
  return JSON.stringify({
    application_key: 'app',
    event_type: recordTypes[index % recordTypes.length],
    timestamp: ms,
    unique_id: randomUUID(),
    client_id,
    user_agent: agent,
    attributes: { level: '4', _currency: 'EUR', _clientContext: JSON.stringify(context) },
    metrics: { score: index / 4, _item_price: 2.5, _quantity: 2 },
  })
}

/** A million events, half of them in batches, half as flattened records; half of the files gzip. */
const writeMillion = (folder: string): number => {
  let bytes = 0
  for (let file = 0; file < files; file++) {
    const ms = firstMs + (file / files) * days * 86_400_000
    const isBatch = file % 2 === 0
    const count = isBatch ? eventsPerFile / eventsPerBatch : eventsPerFile
    const line = (index: number) => {
      const at = ms + (index / count) * 10 * 3_600_000
      return isBatch ? batchLine(Math.floor(at)) : recordLine(Math.floor(at), index)
    }
    const text = `${Array.from({ length: count }, (_, index) => line(index)).join('\n')}\n`
    bytes += text.length
    const isGzip = file % 4 > 1
    const name = `App_${file}.txt${isGzip ? '.gz' : ''}`
    writeFileSync(join(folder, name), isGzip ? gzipSync(text) : text)
  }
  return bytes
}

const peakOf = (pid: number): number => {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024
}

const measure = async (args: string[]): Promise<{ seconds: number; peakMebibytes: number }> => {
  const loader = join(root, 'node_modules/tsx/dist/loader.mjs')
  const program = join(root, 'worker/commands/kpis/kpis.ts')
  const began = performance.now()
  const child = spawn(process.execPath, ['--import', loader, program, ...args], { stdio: 'ignore' })
  const closed = once(child, 'close')
  let peakMebibytes = 0
  while (child.pid && child.exitCode === null && child.signalCode === null) {
    // Between its end and the news of it, a process has no status to read.
    try {
      peakMebibytes = Math.max(peakMebibytes, peakOf(child.pid))
    } catch {}
    await wait(20)
  }
  const [code] = await closed
  if (code !== 0) throw new Error(`kpis ended with ${code}.`)
  return { seconds: (performance.now() - began) / 1000, peakMebibytes }
}

/** The time and the memory that all KPIs of a million events take. */
export const benchKpis = async (): Promise<Budgeted[]> => {
  const folder = join(stateFolder(), `weir-bench-kpis-${process.pid}`)
  mkdirSync(folder, { recursive: true })
  try {
    const megabytes = writeMillion(folder) / 1e6
    const rows: Budgeted[] = []
    for (const format of ['json', 'html']) {
      const { seconds, peakMebibytes } = await measure([folder, '--format', format])
      const what = `KPIs of a million events, ${number(megabytes)} MB of lines, as ${format}`
      rows.push(
        {
          what: `${what}: s`,
          budget: `≤ ${secondsBudget}`,
          measured: number(seconds),
          isKept: seconds <= secondsBudget,
        },
        {
          what: `${what}: peak memory, MiB`,
          budget: `≤ ${number(mebibytesBudget)}`,
          measured: number(peakMebibytes),
          isKept: peakMebibytes <= mebibytesBudget,
        }
      )
    }
    return rows
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
