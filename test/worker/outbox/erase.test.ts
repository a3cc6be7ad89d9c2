import { abortAllDurableObjects, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { HandOff } from '../../../worker/delivery'
import { withoutUsers } from '../../../worker/outbox/store/erasure'
import { fileText, writeDelivery } from '../../../worker/outbox/store/message'
import { gate } from '../../support/gate-client'
import { handOffOf, outboxOf } from '../../support/hand-off'
import {
  admin,
  eventNames,
  expectBalance,
  linesIn,
  passFile,
  runAlarms,
  s3Connection,
  seed,
  sqsConnection,
  status,
} from '../../support/weir'

beforeEach(() => gate.faults([]))

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const [erased, other] = ['8000000000000000001', '8000000000000000002']

/** A hand-off of one event of a user. */
const ofUser = (mpid: string, name: string, given: Partial<HandOff> & { lane?: string } = {}) => {
  const handOff = handOffOf(name, given)
  return { ...handOff, deliveries: handOff.deliveries.map((one) => ({ ...one, mpid })) }
}

/** Later than what was handed off so far: the profile goes before its outboxes are asked. */
const eraseFrom = async (connection: string, mpids = [erased], at_ms = Date.now() + 1) => {
  const users = mpids.map((mpid) => ({ mpid, at_ms }))
  return env.OUTBOX.getByName(`${connection}/0`).erase(users)
}

const kinds = [
  { place: 'a bucket', kind: 's3', lane: '/weir' },
  { place: 'a queue', kind: 'sqs', lane: '' },
] as const

const seedOne = async (kind: 's3' | 'sqs', settings: Record<string, unknown> = {}) => {
  const seeded = await seed(
    kind === 's3' ? { sqs: false, s3: settings } : { s3: false, sqs: settings }
  )
  const connection = kind === 's3' ? s3Connection(seeded) : sqsConnection(seeded)
  const delivered = async () =>
    kind === 's3'
      ? eventNames(await linesIn(seeded.bucket))
      : eventNames((await gate.messages(seeded.queue)).map((one) => JSON.parse(one.body)))
  const place = kind === 's3' ? { bucket: seeded.bucket } : { queue: seeded.queue }
  return { seeded, connection, delivered, place, ...outboxOf(connection) }
}

describe.each(kinds)('erasing a user from the outbox of $place', ({ kind, lane }) => {
  it('takes out what waits for the user and nothing else', async () => {
    const { connection, delivered, enqueue } = await seedOne(kind)
    for (const [mpid, name] of [
      [erased, 'gone 1'],
      [other, 'kept 1'],
      [erased, 'gone 2'],
      [other, 'kept 2'],
    ] as const) {
      await enqueue(ofUser(mpid, name, { lane }))
    }
    expect(await eraseFrom(connection)).toEqual({ [erased]: { deliveries: 2, dead_letters: 0 } })
    const waiting = await status(connection)
    expect(waiting.ledger).toEqual({
      accepted: 4,
      delivered: 0,
      filtered: { erasure: 2 },
      dead: 0,
      waiting: 2,
    })
    await passFile()
    expect((await delivered()).sort()).toEqual(['kept 1', 'kept 2'])
    expectBalance(await status(connection))
  })

  it('does nothing a second time, nor where the user has nothing', async () => {
    const { connection, enqueue } = await seedOne(kind)
    expect(await eraseFrom(connection)).toEqual({ [erased]: { deliveries: 0, dead_letters: 0 } })
    await enqueue(ofUser(erased, 'gone', { lane }))
    await enqueue(ofUser(other, 'kept', { lane }))
    await eraseFrom(connection)
    const before = await status(connection)
    expect(await eraseFrom(connection)).toEqual({ [erased]: { deliveries: 0, dead_letters: 0 } })
    expect((await status(connection)).ledger).toEqual(before.ledger)
  })

  it('holds when the object dies right afterwards', async () => {
    const { connection, delivered, enqueue } = await seedOne(kind)
    await enqueue(ofUser(erased, 'gone', { lane }))
    await enqueue(ofUser(other, 'kept', { lane }))
    await eraseFrom(connection)
    await abortAllDurableObjects()
    await passFile()
    expect(await delivered()).toEqual(['kept'])
    expectBalance(await status(connection))
  })

  it('leaves an outbox of which nothing is left at rest, and ready for more', async () => {
    const { connection, delivered, enqueue } = await seedOne(kind)
    await enqueue(ofUser(erased, 'gone', { lane }))
    await eraseFrom(connection)
    expect((await status(connection)).waiting).toEqual({
      deliveries: 0,
      events: 0,
      bytes: 0,
      oldest_ms: null,
    })
    await enqueue(ofUser(other, 'kept', { lane }))
    await passFile()
    expect(await delivered()).toEqual(['kept'])
    expectBalance(await status(connection))
  })

  it('takes the dead letters of the user, of many pages, and shows the others as they were', async () => {
    const { connection, enqueue } = await seedOne(kind)
    const unsendable = 'It is too large.'
    const letters = Array.from({ length: 120 }, (_, i) => {
      const mpid = i % 2 === 0 ? erased : other
      const { deliveries, ...handOff } = ofUser(mpid, `letter ${i}`, { lane })
      return { ...handOff, deliveries: deliveries.map((one) => ({ ...one, unsendable })) }
    })
    await Promise.all(letters.map(enqueue))
    expect(await eraseFrom(connection)).toEqual({ [erased]: { deliveries: 0, dead_letters: 60 } })
    const now = await status(connection)
    expect(now.ledger).toMatchObject({ dead: 60, filtered: { erasure: 60 } })
    expectBalance(now)
    const path = `/connections/${connection}/dead-letters`
    const { dead_letters } = (await (await admin(path)).json()) as {
      dead_letters: { payloads: string[] }[]
    }
    const payloads = dead_letters.flatMap((one) => one.payloads).map((one) => JSON.parse(one))
    expect(payloads).toHaveLength(50)
    for (const name of eventNames(payloads)) expect(name).toMatch(/^letter \d*[13579]$/)
  })

  it('takes the user out of a dead letter that holds others, too, and replays the rest', async () => {
    const { connection, delivered, enqueue, place } = await seedOne(kind, { retention_hours: 1 })
    await gate.faults([{ match: place, fault: 'slow_down' }])
    await enqueue(ofUser(erased, 'gone', { lane }))
    await enqueue(ofUser(other, 'kept', { lane }))
    await passFile()
    vi.setSystemTime(Date.now() + 3_600_000)
    await runAlarms('OUTBOX')
    expect((await status(connection)).ledger.dead).toBe(2)
    expect(await eraseFrom(connection)).toEqual({ [erased]: { deliveries: 0, dead_letters: 1 } })
    await gate.faults([])
    // The gate believes no clock that is an hour ahead.
    vi.useRealTimers()
    await admin(`/connections/${connection}/dead-letters/replay`, {
      method: 'POST',
      body: JSON.stringify({ all: true }),
    })
    await passFile()
    expect(await delivered()).toEqual(['kept'])
    expectBalance(await status(connection))
  })

  it('takes no hand-off that was on its way then, but what comes of the user anew', async () => {
    const { connection, delivered, enqueue } = await seedOne(kind)
    const at = Date.now() + 1000
    await eraseFrom(connection, [erased], at)
    expect(await enqueue(ofUser(erased, 'late', { lane, since_ms: at - 1 }))).toEqual({
      taken: true,
    })
    await enqueue(ofUser(erased, 'anew', { lane, since_ms: at }))
    await passFile()
    expect(await delivered()).toEqual(['anew'])
    const now = await status(connection)
    expect(now.ledger).toMatchObject({ accepted: 1, delivered: 1 })
    expectBalance(now)
  })

  it('lets an attempt under way end first, and takes nothing that comes in meanwhile', async () => {
    const { connection, delivered, enqueue } = await seedOne(kind)
    const real = globalThis.fetch
    const held = { is: true, calls: 0 }
    vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
      held.calls += 1
      while (held.is) await scheduler.wait(1)
      return real(input, init)
    })
    await enqueue(ofUser(erased, 'on its way', { lane }))
    const passed = passFile()
    await vi.waitFor(() => expect(held.calls).toBe(1))
    await enqueue(ofUser(erased, 'gone', { lane }))
    const at = Date.now() + 1
    const answer = eraseFrom(connection, [erased], at)
    await enqueue(ofUser(erased, 'anew', { lane, since_ms: at }))
    held.is = false
    expect(await answer).toEqual({ [erased]: { deliveries: 1, dead_letters: 0 } })
    await passed
    await passFile()
    vi.restoreAllMocks()
    expect(await delivered()).toEqual(['on its way', 'anew'])
    const now = await status(connection)
    expect(now.ledger).toMatchObject({ accepted: 3, delivered: 2, filtered: { erasure: 1 } })
    expectBalance(now)
  })
})

describe('a file that was begun', () => {
  // The object lies in the bucket, and no answer said so.
  const begin = async (mpids: string[]) => {
    const one = await seedOne('s3')
    for (const mpid of mpids) await one.enqueue(ofUser(mpid, `of ${mpid}`))
    await gate.faults([{ match: one.place, fault: 'cut_after', times: 1 }])
    await passFile()
    const [object] = await gate.objects(one.seeded.bucket)
    expect(object?.text.trimEnd().split('\n')).toHaveLength(mpids.length)
    expect((await status(one.connection)).waiting.deliveries).toBe(mpids.length)
    const retry = async () => {
      await admin(`/connections/${one.connection}/retry`, { method: 'POST' })
      await runAlarms('OUTBOX')
    }
    return { ...one, key: object?.key, retry }
  }

  it('is written again under its key without the user', async () => {
    const { connection, seeded, key, retry } = await begin([erased, other])
    await eraseFrom(connection)
    await retry()
    const objects = await gate.objects(seeded.bucket)
    expect(objects.map((one) => one.key)).toEqual([key])
    expect(eventNames(await linesIn(seeded.bucket))).toEqual([`of ${other}`])
    const now = await status(connection)
    expect(now.ledger).toMatchObject({ delivered: 1, filtered: { erasure: 1 }, waiting: 0 })
    expectBalance(now)
  })

  it('is written empty when it held nobody else, and takes in nobody new', async () => {
    const { connection, seeded, key, enqueue, retry } = await begin([erased])
    await eraseFrom(connection)
    await abortAllDurableObjects()
    await enqueue(ofUser(other, 'of another file'))
    await retry()
    const begun = (await gate.objects(seeded.bucket)).find((one) => one.key === key)
    expect(begun?.text).toBe('')
    await passFile()
    expect(await gate.objects(seeded.bucket)).toHaveLength(2)
    expect(eventNames(await linesIn(seeded.bucket))).toEqual(['of another file'])
    const now = await status(connection)
    expect(now).toMatchObject({ state: 'ok', next_attempt_ms: null })
    expect(now.ledger).toMatchObject({ accepted: 2, delivered: 1, filtered: { erasure: 1 } })
    expectBalance(now)
  })
})

describe('messages of a request that failed in part', () => {
  it('are not sent again when their user was erased', async () => {
    const { connection, delivered, enqueue, place } = await seedOne('sqs')
    await gate.faults([{ match: place, fault: 'partial', times: 1, params: { entries: [0, 1] } }])
    await Promise.all([
      enqueue(ofUser(erased, 'gone', { lane: '' })),
      enqueue(ofUser(other, 'kept', { lane: '' })),
      enqueue(ofUser(other, 'sent', { lane: '' })),
    ])
    await passFile()
    const between = await status(connection)
    expect(between.ledger).toMatchObject({ delivered: 1, waiting: 2 })
    await eraseFrom(connection)
    await passFile()
    expect((await delivered()).sort()).toEqual(['kept', 'sent'])
    expectBalance(await status(connection))
  })
})

describe('lines that were stored without a mark', () => {
  it('are delivered as they are, and known by what they say', async () => {
    const { connection, enqueue, seeded } = await seedOne('s3')
    await enqueue(ofUser('1', 'placeholder', { accepted: 3 }))
    const event = (event_name: string) => ({ event_type: 'custom_event', data: { event_name } })
    const body = [
      { mpid: erased, events: [event('gone'), event('gone')] },
      { mpid: other, events: [event('kept')], user_attributes: { friend: erased } },
      { message_type: 'alias_request', data: { destination_mpid: erased } },
    ]
      .map((line) => `${JSON.stringify(line)}\n`)
      .join('')
    const stub = env.OUTBOX.getByName(`${connection}/0`)
    await runInDurableObject(stub, (_, { storage }) => {
      storage.sql.exec(
        'UPDATE segments SET body = ?, deliveries = 3, events = 3, bytes = ?',
        body,
        body.length
      )
    })
    await abortAllDurableObjects()
    expect(await eraseFrom(connection)).toEqual({ [erased]: { deliveries: 2, dead_letters: 0 } })
    await passFile()
    expect(eventNames(await linesIn(seeded.bucket))).toEqual(['kept'])
    const now = await status(connection)
    expect(now.ledger).toMatchObject({ delivered: 1, filtered: { erasure: 2 } })
    expectBalance(now)
  })
})

describe('the mark of a line', () => {
  const line = (text: string, mpid = other, events = 2) =>
    writeDelivery({ id: 'd', mpid, events, text, lane: '/weir' })

  it.each([
    ['JSON', '{"a":1}'],
    ['the text of a mark, escaped', '{"a":"\\t1 2\\t"}'],
    ['JSON with tabs between its tokens', '\t{\t"a":\t1}'],
    ['characters beyond ASCII', '{"a":"ä漢😀\u2028"}'],
  ])('leaves no trace around %s', (_, text) => {
    const body = line(text) + line(text, `-${erased}`)
    expect(fileText(body)).toBe(`${text}\n${text}\n`)
    expect(fileText(`${text}\n`)).toBe(`${text}\n`)
    const part = { lane: '/weir', body, deliveries: 2, events: 4 }
    expect(withoutUsers(part, new Set([`-${erased}`]))).toEqual({
      left: { body: line(text), deliveries: 1, events: 2 },
      gone: [{ mpid: `-${erased}`, events: 2 }],
    })
  })

  it('takes no user for one whose mpid contains the same digits', () => {
    const part = { lane: '/weir', body: line('{}', '12345'), deliveries: 1, events: 2 }
    for (const mpid of ['1234', '2345', '-12345']) {
      expect(withoutUsers(part, new Set([mpid]))).toBeUndefined()
    }
  })
})
