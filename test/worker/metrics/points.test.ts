import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { writePoint } from '../../../worker/metrics/points'
import { gate } from '../../support/gate-client'
import { handOffOf, outboxOf } from '../../support/hand-off'
import { batchOf, passFile, type Seeded, s3Connection, seed, upload } from '../../support/weir'

interface Written {
  indexes: string[]
  blobs: string[]
  doubles: number[]
}

type Metered = { METRICS?: { writeDataPoint: (point: Written) => void } }

let written: Written[]

const dataset = { writeDataPoint: (point: Written) => void written.push(point) }

beforeEach(async () => {
  written = []
  await gate.faults([])
})

afterEach(() => {
  vi.useRealTimers()
  delete (env as Metered).METRICS
})

describe('a data point', () => {
  it('has the same columns, whatever it tells', () => {
    writePoint({ METRICS: dataset as never }, { kind: 'upload', id: 'web', accepted: 3 })
    writePoint(
      { METRICS: dataset as never },
      { kind: 'round', id: 'web-lake', state: 'failing', reason: 'HTTP 403', retried: 1, lag_ms: 7 }
    )
    expect(written).toEqual([
      { indexes: ['web'], blobs: ['upload', 'web', '', ''], doubles: [3, 0, 0, 0, 0, 0, 0] },
      {
        indexes: ['web-lake'],
        blobs: ['round', 'web-lake', 'HTTP 403', 'failing'],
        doubles: [0, 0, 0, 1, 0, 7, 0],
      },
    ])
  })

  it('is not written without a dataset, and harms nothing when it cannot be', () => {
    writePoint({}, { kind: 'upload', id: 'web' })
    const full = {
      writeDataPoint: () => {
        throw new Error('too many')
      },
    }
    expect(() => writePoint({ METRICS: full }, { kind: 'upload', id: 'web' })).not.toThrow()
  })
})

/** Gives a dataset to the worker, or to the outbox of a connection. */
const meterWorker = () => {
  ;(env as Metered).METRICS = dataset
}

const meterOutbox = (seeded: Seeded) =>
  runInDurableObject(env.OUTBOX.getByName(`${s3Connection(seeded)}/0`), (instance) => {
    ;(instance as unknown as { env: Metered }).env.METRICS = dataset
  })

describe('an outbox', () => {
  it('writes one for each round that did something', async () => {
    const seeded = await seed({ sqs: false })
    await meterOutbox(seeded)
    const { enqueue } = outboxOf(s3Connection(seeded))
    await enqueue(handOffOf('one'))
    await enqueue(handOffOf('two'))
    await passFile()
    await passFile()
    const own = written.filter((one) => one.blobs[0] === 'round')
    expect(own).toEqual([
      {
        indexes: [s3Connection(seeded)],
        blobs: ['round', s3Connection(seeded), '', 'ok'],
        doubles: [0, 0, 2, 0, 0, 0, 1],
      },
    ])
  })

  it('tells why attempts fail, and how long what waits has been waiting', async () => {
    const seeded = await seed({ sqs: false })
    await meterOutbox(seeded)
    await gate.faults([{ match: { bucket: seeded.bucket }, fault: 'forbidden' }])
    await outboxOf(s3Connection(seeded)).enqueue(handOffOf('kept'))
    await passFile()
    const [own] = written.filter((one) => one.blobs[0] === 'round')
    expect(own?.blobs).toEqual(['round', s3Connection(seeded), 'HTTP 403 AccessDenied', 'failing'])
    expect(own?.doubles[3]).toBe(1)
    expect(own?.doubles[5]).toBeGreaterThanOrEqual(6000)
  })
})

describe('an input', () => {
  it('writes one for each upload, and none for what came before', async () => {
    const seeded = await seed()
    meterWorker()
    const batch = batchOf(['one', 'two'])
    await upload(seeded.key, batch)
    await upload(seeded.key, batch)
    const id = seeded.key.replace('key-', '')
    expect(written).toEqual([
      { indexes: [id], blobs: ['upload', id, '', ''], doubles: [2, 0, 0, 0, 0, 0, 0] },
    ])
  })

  it('writes one for all that it rejected in a second, by its code', async () => {
    const seeded = await seed()
    meterWorker()
    const id = seeded.key.replace('key-', '')
    for (let i = 0; i < 3; i++) await upload(seeded.key, 'alice@example.com')
    await vi.waitFor(() => expect(written).not.toEqual([]), { timeout: 10_000 })
    expect(written).toHaveLength(1)
    const [kind, input, code] = written[0]?.blobs ?? []
    expect([kind, input]).toEqual(['rejected', id])
    expect(code).toMatch(/^[a-z_]+$/)
    expect(written[0]?.doubles[1]).toBe(3)
  })
})
