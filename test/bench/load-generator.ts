import { Agent, request } from 'node:http'
import type { LoadReport, Order } from './load'

const eventsPerUpload = 10
const filler = 'abcdefghij '.repeat(24)

/** A 10-event upload of some 6 KB. */
const makeBody = (mpid: string, now: number): string =>
  JSON.stringify({
    source_request_id: crypto.randomUUID(),
    environment: 'production',
    mpid,
    mp_deviceid: `device-${mpid}`,
    device_info: { platform: 'web', screen_width: 1512, screen_height: 982 },
    user_attributes: { plan: 'team', city: 'Bern' },
    user_identities: { customer_id: `customer-${mpid}` },
    events: Array.from({ length: eventsPerUpload }, (_, i) => ({
      event_type: 'custom_event',
      data: {
        event_name: `Viewed thing ${i}`,
        custom_event_type: 'navigation',
        timestamp_unixtime_ms: now,
        session_uuid: '4B3C0E6A-5B56-4D60-A1F5-D3F0F5A6C1D2',
        custom_attributes: { path: '/things', position: String(i), description: filler },
      },
    })),
  })

const mpidOf = (n: number): string => String(8_000_000_000_000_000_000n + BigInt(n))

const run = async (order: Order): Promise<LoadReport> => {
  const agent = new Agent({ keepAlive: true, maxSockets: order.connections })
  const report: LoadReport = { requests: 0, failures: [], seconds: 0, latenciesMs: [] }
  const send = async (n: number): Promise<void> => {
    const started = performance.now()
    const body = makeBody(mpidOf(n), Date.now())
    let status = 0
    // No answer: a connection that was closed while it was idle. There may be several.
    for (let i = 0; i < 5 && status === 0; i++) status = await post(order.url, body, agent)
    report.latenciesMs.push(performance.now() - started)
    report.requests += 1
    if (status !== 202) report.failures.push(status)
  }
  const started = performance.now()
  if (order.kind === 'windows') await inWindows(order, send)
  else await flat(order, send)
  report.seconds = (performance.now() - started) / 1000
  agent.destroy()
  return report
}

const post = (url: string, body: string, agent: Agent): Promise<number> =>
  new Promise((done) => {
    const headers = { 'content-type': 'text/plain', 'content-length': Buffer.byteLength(body) }
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume()
      response.on('end', () => done(response.statusCode ?? 0))
    })
    sent.on('error', () => done(0))
    sent.end(body)
  })

type Send = (n: number) => Promise<void>

// As fast as the worker answers, round the profiles.
const flat = async (order: Order & { kind: 'flat' | 'once' }, send: Send): Promise<void> => {
  const { firstMpid, mpids, connections } = order
  const end = order.kind === 'flat' ? performance.now() + order.ms : Number.POSITIVE_INFINITY
  let next = 0
  const client = async (): Promise<void> => {
    while (performance.now() < end) {
      const n = next++
      if (order.kind === 'once' && n >= mpids) return
      await send(firstMpid + (n % mpids))
    }
  }
  await Promise.all(Array.from({ length: connections }, client))
}

const waitUntil = (ms: number): Promise<void> =>
  new Promise((done) => setTimeout(done, Math.max(0, ms - performance.now())))

// Every profile lives through its windows, at a time of its own: three uploads each, in the first
// half of a window.
const inWindows = async (order: Order & { kind: 'windows' }, send: Send): Promise<void> => {
  const { firstMpid, mpids, windows, windowMs } = order
  const cycleMs = windowMs * 1.5
  const started = performance.now()
  const profile = async (i: number): Promise<void> => {
    for (let window = 0; window < windows; window++) {
      const begin = started + (i / mpids) * cycleMs + window * cycleMs
      for (const place of [0, 0.2, 0.4]) {
        await waitUntil(begin + place * windowMs)
        await send(firstMpid + i)
      }
    }
  }
  await Promise.all(Array.from({ length: mpids }, (_, i) => profile(i)))
}

process.once('message', (order: Order) => {
  run(order).then(
    (report) => process.send?.(report),
    (error) => {
      console.error(error)
      process.exit(1)
    }
  )
})
