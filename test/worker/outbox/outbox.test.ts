import { abortAllDurableObjects } from 'cloudflare:test'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { gate } from '../../support/gate-client'
import { handOffOf, outboxOf } from '../../support/hand-off'
import {
  admin,
  eventNames,
  expectBalance,
  linesIn,
  moveClock,
  passFile,
  put,
  runAlarms,
  type Seeded,
  s3Connection,
  seed,
  sqsConnection,
  status,
} from '../../support/weir'

beforeEach(() => gate.faults([]))

afterEach(() => {
  vi.useRealTimers()
})

const namesIn = async (bucket: string) => eventNames(await linesIn(bucket))

const namesInQueue = async (queue: string) =>
  eventNames((await gate.messages(queue)).map((one) => JSON.parse(one.body)))

describe('hand-offs', () => {
  it('are taken once, however often they are repeated, also after the delivery', async () => {
    const seeded = await seed({ sqs: false })
    const { enqueue } = outboxOf(s3Connection(seeded))
    const handOff = handOffOf('once')
    await Promise.all([enqueue(handOff), enqueue(handOff), enqueue(handOff)])
    expect(await enqueue(handOff)).toEqual({ taken: true })
    await passFile()
    await enqueue(handOff)
    await abortAllDurableObjects()
    await enqueue(handOff)
    await passFile()
    expect(await namesIn(seeded.bucket)).toEqual(['once'])
    expect((await status(s3Connection(seeded))).ledger).toMatchObject({ accepted: 1, delivered: 1 })
  })

  it('of many profiles at once all reach the file', async () => {
    const seeded = await seed({ sqs: false })
    const { enqueue } = outboxOf(s3Connection(seeded))
    const names = Array.from({ length: 50 }, (_, i) => `event ${i}`)
    await Promise.all(names.map((name) => enqueue(handOffOf(name))))
    await passFile()
    expect((await namesIn(seeded.bucket)).sort()).toEqual([...names].sort())
  })

  it('count what was filtered even when nothing is left to deliver', async () => {
    const seeded = await seed({ sqs: false })
    const { enqueue } = outboxOf(s3Connection(seeded))
    const filtered = { send_screen_views: 2 }
    const empty = handOffOf('none', { accepted: 2, filtered, deliveries: [] })
    await enqueue(empty)
    await enqueue(empty)
    const now = await status(s3Connection(seeded))
    expect(now.ledger).toEqual({ accepted: 2, delivered: 0, filtered, dead: 0, waiting: 0 })
  })

  it('are refused when the outbox is full, and nothing of them is kept', async () => {
    const seeded = await seed({ sqs: false })
    const { enqueue } = outboxOf(s3Connection(seeded))
    const [delivery] = handOffOf('huge').deliveries
    const deliveries = [{ ...delivery!, text: 'x'.repeat(300_000) }]
    const answers = []
    for (let i = 0; i < 4; i++) answers.push(await enqueue(handOffOf('huge', { deliveries })))
    expect(answers.map((one) => one.taken)).toEqual([true, true, true, false])
    expect((await status(s3Connection(seeded))).waiting.deliveries).toBe(3)
  })
})

describe('an output that fails for a while', () => {
  const faults = [
    { fault: 'slow_down', state: 'retrying' },
    { fault: 'throttle', state: 'retrying', params: { retryAfterS: 30 } },
    { fault: 'cut_before', state: 'retrying' },
    { fault: 'cut_after', state: 'retrying' },
    { fault: 'forbidden', state: 'failing' },
    { fault: 'no_bucket', state: 'failing' },
  ]
  it.each(faults)(
    'gets a file once, under one key, after $fault',
    async ({ fault, state, params }) => {
      const seeded = await seed({ sqs: false })
      const { bucket } = seeded
      await outboxOf(s3Connection(seeded)).enqueue(handOffOf('kept'))
      await gate.faults([{ match: { bucket }, fault, times: 1, ...(params ? { params } : {}) }])
      await passFile()
      const failed = await status(s3Connection(seeded))
      expect(failed.state).toBe(state)
      expect(failed.last_error?.reason).toBeTruthy()
      expectBalance(failed)
      await abortAllDurableObjects()
      moveClock(900_000 / 5)
      await admin(`/connections/${s3Connection(seeded)}/retry`, { method: 'POST' })
      await runAlarms('OUTBOX')
      expect(await namesIn(bucket)).toEqual(['kept'])
      const well = await status(s3Connection(seeded))
      expect(well).toMatchObject({ state: 'ok', waiting: { deliveries: 0 } })
      expectBalance(well)
      const keys = (await gate.requests()).filter(
        (one) => one.bucket === bucket && one.action === 'PutObject'
      )
      expect(keys.length).toBeGreaterThanOrEqual(1)
    }
  )

  it('is not asked again before the time it named', async () => {
    const seeded = await seed({ sqs: false })
    const { bucket } = seeded
    await outboxOf(s3Connection(seeded)).enqueue(handOffOf('later'))
    await gate.faults([
      { match: { bucket }, fault: 'throttle', times: 1, params: { retryAfterS: 100 } },
    ])
    await passFile()
    moveClock(90_000)
    await runAlarms('OUTBOX')
    expect(await namesIn(bucket)).toEqual([])
    moveClock(11_000)
    await runAlarms('OUTBOX')
    expect(await namesIn(bucket)).toEqual(['later'])
  })

  it('does not hold up another connection', async () => {
    const seeded = await seed()
    await gate.faults([{ match: { bucket: seeded.bucket }, fault: 'slow_down' }])
    await outboxOf(s3Connection(seeded)).enqueue(handOffOf('stuck'))
    await outboxOf(sqsConnection(seeded)).enqueue(handOffOf('free', { lane: '' }))
    await passFile()
    expect(await namesInQueue(seeded.queue)).toEqual(['free'])
    expect((await status(s3Connection(seeded))).waiting.events).toBe(1)
  })
})

describe('a queue', () => {
  /** Lets messages wait behind an outage, so that the next request holds all of them. */
  const waitInQueue = async (seeded: Seeded, names: string[]): Promise<void> => {
    await gate.faults([{ match: { queue: seeded.queue }, fault: 'slow_down' }])
    const { enqueue } = outboxOf(sqsConnection(seeded))
    for (const name of names) await enqueue(handOffOf(name, { lane: '' }))
    await passFile()
    expect(await namesInQueue(seeded.queue)).toEqual([])
  }

  it('gets again only the messages of a request that failed', async () => {
    const seeded = await seed({ s3: false })
    const { queue } = seeded
    const names = Array.from({ length: 10 }, (_, i) => `event ${i}`)
    await waitInQueue(seeded, names)
    const params = { entries: [2, 5] }
    await gate.faults([{ match: { queue }, fault: 'partial', times: 1, params }])
    await passFile()
    expect(await namesInQueue(queue)).toHaveLength(8)
    const between = await status(sqsConnection(seeded))
    expect(between.ledger).toMatchObject({ accepted: 10, delivered: 8, waiting: 2 })
    await abortAllDurableObjects()
    await passFile()
    expect((await namesInQueue(queue)).sort()).toEqual(names)
    expectBalance(await status(sqsConnection(seeded)))
  })

  it('keeps a profile’s order in a FIFO queue across failures', async () => {
    const seeded = await seed({ s3: false, fifo: true })
    const { queue } = seeded
    const names = ['a', 'b', 'c', 'd']
    await waitInQueue(seeded, names)
    const params = { fraction: 1 }
    await gate.faults([{ match: { queue }, fault: 'partial', times: 2, params }])
    for (let i = 0; i < 4; i++) {
      await admin(`/connections/${sqsConnection(seeded)}/retry`, { method: 'POST' })
      await passFile()
    }
    expect(await namesInQueue(queue)).toEqual(names)
  })

  it('makes a dead letter of a message that the queue refuses, and delivers its neighbours', async () => {
    const seeded = await seed({ s3: false })
    const { queue } = seeded
    const connection = sqsConnection(seeded)
    await waitInQueue(seeded, ['x', 'y', 'z'])
    const params = { entries: [1] }
    await gate.faults([{ match: { queue }, fault: 'partial_sender_fault', times: 1, params }])
    await passFile()
    expect((await namesInQueue(queue)).sort()).toEqual(['x', 'z'])
    const now = await status(connection)
    expect(now.ledger).toMatchObject({ accepted: 3, delivered: 2, dead: 1 })
    expectBalance(now)
  })
})

interface Letters {
  dead_letters: { id: string; reason: string; payloads: string[]; events: number }[]
}

describe('dead letters', () => {
  const bury = async () => {
    const seeded = await seed({ s3: false })
    const connection = sqsConnection(seeded)
    const unsendable = 'The message has 2000000 bytes; the queue takes 1048576.'
    const [delivery] = handOffOf('big', { lane: '' }).deliveries
    await outboxOf(connection).enqueue(
      handOffOf('big', { lane: '', deliveries: [{ ...delivery!, unsendable }] })
    )
    const path = `/connections/${connection}/dead-letters`
    const list = async () => ((await (await admin(path)).json()) as Letters).dead_letters
    return { seeded, connection, path, list, unsendable }
  }

  it('are listed with their reason and payload, and replayed into the queue', async () => {
    const { seeded, connection, path, list, unsendable } = await bury()
    const [letter] = await list()
    expect(letter).toMatchObject({ reason: unsendable, events: 1 })
    expect(eventNames(letter!.payloads.map((one) => JSON.parse(one)))).toEqual(['big'])
    const replay = await admin(`${path}/replay`, {
      method: 'POST',
      body: JSON.stringify({ ids: [letter!.id] }),
    })
    expect(await replay.json()).toEqual({ replayed: 1 })
    expect((await status(connection)).ledger.dead).toBe(0)
    await passFile()
    expect(await namesInQueue(seeded.queue)).toEqual(['big'])
    expectBalance(await status(connection))
    expect(await list()).toEqual([])
  })

  it('stay counted when they are deleted', async () => {
    const { connection, path, list } = await bury()
    const deleted = await admin(path, { method: 'DELETE', body: JSON.stringify({ all: true }) })
    expect(await deleted.json()).toEqual({ deleted: 1 })
    expect(await list()).toEqual([])
    const now = await status(connection)
    expect(now.ledger).toMatchObject({ accepted: 1, dead: 1 })
    expectBalance(now)
  })

  it('need to be named', async () => {
    const { path } = await bury()
    for (const [body, status] of [
      ['{}', 422],
      ['{"ids":["x"]}', 422],
      ['{"ids":["9-1"]}', 422],
      ['nonsense', 400],
    ] as const) {
      const answer = await admin(`${path}/replay`, { method: 'POST', body })
      expect(answer.status).toBe(status)
    }
  })

  it('go after thirty days', async () => {
    const { connection, list } = await bury()
    moveClock(31 * 86_400_000)
    await runAlarms('OUTBOX')
    expect(await list()).toEqual([])
    expectBalance(await status(connection))
  })

  it('are made of what was not delivered within the retention', async () => {
    const seeded = await seed({ sqs: false, s3: { retention_hours: 2 } })
    const connection = s3Connection(seeded)
    await outboxOf(connection).enqueue(handOffOf('old'))
    await gate.faults([{ match: { bucket: seeded.bucket }, fault: 'slow_down' }])
    await passFile()
    moveClock(2 * 3_600_000 + 1000)
    await runAlarms('OUTBOX')
    const now = await status(connection)
    expect(now.ledger).toMatchObject({ dead: 1, waiting: 0 })
    expectBalance(now)
    const path = `/connections/${connection}/dead-letters`
    const [letter] = ((await (await admin(path)).json()) as Letters).dead_letters
    expect(letter?.reason).toBe('It was not delivered within 2 hours.')
    expect(letter?.payloads).toHaveLength(1)
    await gate.faults([])
    // The gate believes no clock that is hours ahead.
    vi.useRealTimers()
    await admin(`${path}/replay`, { method: 'POST', body: JSON.stringify({ all: true }) })
    await passFile()
    expect(await namesIn(seeded.bucket)).toEqual(['old'])
    expectBalance(await status(connection))
  })
})

describe('a connection', () => {
  it('delivers nothing while it is disabled, and all of it afterwards', async () => {
    const seeded = await seed({ sqs: false })
    const id = s3Connection(seeded)
    await outboxOf(id).enqueue(handOffOf('waiting'))
    const given = (await (await admin(`/connections/${id}`)).json()) as Record<string, unknown>
    await put(`/connections/${id}`, { ...given, enabled: false })
    await passFile()
    expect(await namesIn(seeded.bucket)).toEqual([])
    expect(await status(id)).toMatchObject({ state: 'paused', waiting: { events: 1 } })
    await put(`/connections/${id}`, { ...given, enabled: true })
    await passFile()
    expect(await namesIn(seeded.bucket)).toEqual(['waiting'])
  })

  it('that can no longer be opened says why, and keeps what it holds', async () => {
    const seeded = await seed({ sqs: false })
    const id = s3Connection(seeded)
    await outboxOf(id).enqueue(handOffOf('kept'))
    await gate.faults([{ match: { bucket: seeded.bucket }, fault: 'forbidden' }])
    await passFile()
    const now = await status(id)
    expect(now.state).toBe('failing')
    expect(now.last_error?.reason).toMatch(/403 AccessDenied/)
    expect(JSON.stringify(now)).not.toContain('test-secret')
    expect(now.waiting.events).toBe(1)
  })
})
