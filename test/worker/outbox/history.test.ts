import { abortAllDurableObjects, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { DeliveryHistory } from '../../../worker/admin/answers/connections'
import { History, mergeHistories } from '../../../worker/outbox/store/history'
import { gate } from '../../support/gate-client'
import { handOffOf, outboxOf } from '../../support/hand-off'
import {
  admin,
  moveClock,
  passFile,
  put,
  s3Connection,
  seed,
  sqsConnection,
} from '../../support/weir'

beforeEach(() => gate.faults([]))

afterEach(() => {
  vi.useRealTimers()
})

const historyOf = async (connection: string): Promise<DeliveryHistory> =>
  (await admin(`/connections/${connection}/history`)).json()

const countsIn = async (connection: string) => {
  const { buckets } = await historyOf(connection)
  const sum = { delivered: 0, requests: 0, failed: 0, dead: 0 }
  for (const { at_ms: _, ...counts } of buckets) {
    for (const name of ['delivered', 'requests', 'failed', 'dead'] as const) {
      sum[name] += counts[name]
    }
  }
  return sum
}

const fiveMinutes = 300_000
const dayMs = 86_400_000

describe('the history of a connection', () => {
  it('counts what was delivered and what failed, also across an eviction', async () => {
    const seeded = await seed({ sqs: false })
    const connection = s3Connection(seeded)
    const { enqueue } = outboxOf(connection)
    await gate.faults([{ match: { bucket: seeded.bucket }, fault: 'slow_down', times: 1 }])
    await enqueue(handOffOf('a'))
    await enqueue(handOffOf('b'))
    await passFile()
    expect(await countsIn(connection)).toEqual({ delivered: 0, requests: 0, failed: 1, dead: 0 })
    await abortAllDurableObjects()
    moveClock(5_000)
    await passFile()
    expect(await countsIn(connection)).toEqual({ delivered: 2, requests: 1, failed: 1, dead: 0 })
  })

  it('counts events that became dead letters', async () => {
    const connection = sqsConnection(await seed({ s3: false }))
    const { enqueue } = outboxOf(connection)
    const { deliveries, ...rest } = handOffOf('big', { lane: '' })
    const unsendable = 'It is too large.'
    await enqueue({ ...rest, deliveries: deliveries.map((one) => ({ ...one, unsendable })) })
    expect(await countsIn(connection)).toMatchObject({ delivered: 0, dead: 1 })
  })

  it('tells five minutes apart, and forgets what is older than a day', async () => {
    const connection = s3Connection(await seed({ sqs: false }))
    const { enqueue } = outboxOf(connection)
    for (const name of ['a', 'b']) {
      await enqueue(handOffOf(name))
      await passFile()
      moveClock(fiveMinutes)
    }
    const { buckets, bucket_ms, from_ms, to_ms } = await historyOf(connection)
    expect(bucket_ms).toBe(fiveMinutes)
    expect(to_ms - from_ms).toBe(dayMs)
    expect(buckets.map((one) => one.delivered)).toEqual([1, 1])
    expect(buckets[1]!.at_ms - buckets[0]!.at_ms).toBeGreaterThanOrEqual(fiveMinutes)
    moveClock(dayMs)
    expect((await historyOf(connection)).buckets).toEqual([])
  })

  it('lies in the one row that is written anyway', async () => {
    const connection = s3Connection(await seed({ sqs: false }))
    await outboxOf(connection).enqueue(handOffOf('a'))
    await passFile()
    const stored = await runInDurableObject(
      env.OUTBOX.getByName(`${connection}/0`),
      (_, state) => ({
        meta: state.storage.sql.exec<{ totals: string }>('SELECT totals FROM meta').toArray(),
        tables: state.storage.sql
          .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'")
          .toArray()
          .map(({ name }) => name),
      })
    )
    expect(stored.meta.map(({ totals }) => JSON.parse(totals).history)).toHaveLength(1)
    expect(JSON.parse(stored.meta[0]!.totals).history).toEqual([[expect.any(Number), 1, 1, 0, 0]])
    expect(stored.tables.filter((name) => /history|bucket/.test(name))).toEqual([])
  })

  it('is that of all shards', async () => {
    const seeded = await seed({ sqs: false })
    const connection = s3Connection(seeded)
    const own = await (await admin(`/connections/${connection}`)).json<object>()
    await put(`/connections/${connection}`, { ...own, shards: 2 })
    for (const shard of [0, 1]) {
      const name = `${connection}/${shard}`
      await env.OUTBOX.getByName(name).enqueue(name, handOffOf(`of ${shard}`))
    }
    await passFile()
    expect(await countsIn(connection)).toMatchObject({ delivered: 2, requests: 2 })
  })

  it('is none for a connection that there is not', async () => {
    expect((await admin('/connections/nowhere/history')).status).toBe(404)
  })
})

describe('a history', () => {
  it('has at most 289 entries, whatever was noted for however long', () => {
    const history = new History(undefined)
    for (let i = 0; i < 2000; i++) history.note(i * fiveMinutes, { delivered: 1 })
    expect(history.toJSON()).toHaveLength(289)
    expect(JSON.stringify(history).length).toBeLessThan(8192)
  })

  it('holds its size with the largest counts', () => {
    const history = new History(undefined)
    const counts = { delivered: 123_456_789, requests: 1_234_567, failed: 99_999, dead: 99_999 }
    for (let i = 0; i < 289; i++) history.note(1.8e12 + i * fiveMinutes, counts)
    expect(JSON.stringify(history).length).toBeLessThan(16_384)
  })

  it('notes nothing where nothing was', () => {
    const history = new History(undefined)
    history.note(0, { delivered: 0 })
    expect(history.toJSON()).toEqual([])
  })

  it.each([
    ['nothing', undefined],
    ['another thing', 'no list'],
    ['entries of another form', [[1, 2], 'x', [1, 2, 3, 4, '5']]],
  ])('begins anew where %s is stored', (_, stored) => {
    expect(new History(stored).toJSON()).toEqual([])
  })

  it('goes on with the newest five minutes when the clock was set back', () => {
    const history = new History(undefined)
    history.note(2 * fiveMinutes, { delivered: 1 })
    history.note(0, { delivered: 1 })
    expect(history.since(0)).toMatchObject([{ at_ms: 2 * fiveMinutes, delivered: 2 }])
  })

  it('is merged with others by time', () => {
    const one = { at_ms: 0, delivered: 1, requests: 1, failed: 0, dead: 2 }
    const later = { ...one, at_ms: fiveMinutes }
    expect(mergeHistories([[later], [one, later]])).toEqual([
      one,
      { at_ms: fiveMinutes, delivered: 2, requests: 2, failed: 0, dead: 4 },
    ])
  })
})
