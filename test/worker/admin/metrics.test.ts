import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { readExposition } from '../../support/exposition'
import { gate } from '../../support/gate-client'
import { handOffOf, outboxOf } from '../../support/hand-off'
import {
  admin,
  batchOf,
  moveClock,
  passFile,
  put,
  request,
  s3Connection,
  seed,
  upload,
} from '../../support/weir'

beforeEach(() => gate.faults([]))
afterEach(() => {
  vi.useRealTimers()
})

const scraped = async () => {
  const answer = await admin('/metrics')
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  const families = readExposition(await answer.text())
  return {
    families,
    sample: (name: string, labels: Record<string, string> = {}) =>
      families
        .get(name)
        ?.samples.find((one) =>
          Object.entries(labels).every(([label, value]) => one.labels[label] === value)
        )?.value,
  }
}

it('tells of each connection what its ledger says', async () => {
  const seeded = await seed({ sqs: false })
  const connection = s3Connection(seeded)
  const { enqueue } = outboxOf(connection)
  await enqueue(handOffOf('one', { accepted: 3, filtered: { send_screen_views: 2 } }))
  await passFile()
  await enqueue(handOffOf('waits'))
  moveClock(2000)
  const { sample } = await scraped()
  const own = { connection }
  expect(sample('weir_events_accepted_total', own)).toBe(4)
  expect(sample('weir_events_delivered_total', own)).toBe(1)
  expect(sample('weir_events_filtered_total', { ...own, setting: 'send_screen_views' })).toBe(2)
  expect(sample('weir_deliveries_total', own)).toBe(1)
  expect(sample('weir_requests_total', own)).toBe(1)
  expect(sample('weir_dead_events', own)).toBe(0)
  expect(sample('weir_waiting_events', own)).toBe(1)
  expect(sample('weir_waiting_bytes', own)).toBeGreaterThan(10)
  expect(sample('weir_lag_seconds', own)).toBeGreaterThanOrEqual(2)
  expect(sample('weir_connection_state', { ...own, state: 'ok' })).toBe(1)
  expect(sample('weir_connection_state', { ...own, state: 'failing' })).toBe(0)
  expect(sample('weir_unanswered')).toBe(0)
})

it('tells the state of a connection that fails', async () => {
  const seeded = await seed({ sqs: false })
  const connection = s3Connection(seeded)
  await gate.faults([{ match: { bucket: seeded.bucket }, fault: 'forbidden' }])
  await outboxOf(connection).enqueue(handOffOf('kept'))
  await passFile()
  const { sample } = await scraped()
  expect(sample('weir_connection_state', { connection, state: 'failing' })).toBe(1)
  expect(sample('weir_connection_state', { connection, state: 'ok' })).toBe(0)
})

it('counts profiles, audiences, what was rejected and the version', async () => {
  const seeded = await seed()
  const rule = { event: { name: 'Purchase', within: '7d' } }
  expect((await put('/audiences/all', { rule })).status).toBe(201)
  await upload(seeded.key, batchOf(['one']))
  await upload(seeded.key, 'garbage')
  const { version } = (await (await admin('/workspace')).json()) as { version: number }
  const look = async () => {
    const { sample } = await scraped()
    expect(sample('weir_rejected_total')).toBeGreaterThan(0)
    expect(sample('weir_workspace_version')).toBe(version)
  }
  await vi.waitFor(look, { timeout: 10_000, interval: 200 })
  const { families, sample } = await scraped()
  expect(sample('weir_profiles')).toBeGreaterThan(0)
  expect(families.get('weir_audience_size')?.type).toBe('gauge')
})

it('answers nobody without a token', async () => {
  expect((await request('/admin/v1/metrics')).status).toBe(401)
})
