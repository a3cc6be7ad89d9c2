import { afterEach, describe, expect, it, vi } from 'vitest'
import { gate } from '../../../support/gate-client'
import { contextOf, mobileEvent, mobileInput } from '../../../support/mobile-event'
import { putEvents } from '../../../support/put-events'
import {
  expectBalance,
  linesIn,
  passFile,
  passWindow,
  s3Connection,
  seed,
  sqsConnection,
  status,
} from '../../../support/weir'

afterEach(() => {
  vi.useRealTimers()
})

const session = { id: 's-1', startTimestamp: '2026-11-21T02:49:19.105Z' }
const uploads = [
  [mobileEvent('_session.start', { session, attributes: { build: 'beta' } }), mobileEvent('a')],
  [mobileEvent('_monetization.purchase', { session, metrics: { _item_price: 2 } })],
  [mobileEvent('_session.stop', { session: { ...session, duration: null } })],
]
const types = ['_session.start', 'a', '_monetization.purchase', '_session.stop']

/** What lands of the uploads of one client, in bucket and queue. */
const landed = async (settings: Record<string, unknown>) => {
  const seeded = await seed({ s3: settings, sqs: settings, input: mobileInput() })
  const context = contextOf({ client: { client_id: crypto.randomUUID() } })
  for (const events of uploads) expect((await putEvents(events, { context })).status).toBe(202)
  await passWindow()
  await passFile()
  const lines = await linesIn(seeded.bucket)
  const messages = (await gate.messages(seeded.queue)).map((one) => JSON.parse(one.body))
  const ledgers = []
  for (const connection of [s3Connection(seeded), sqsConnection(seeded)]) {
    const told = await status(connection)
    expectBalance(told)
    ledgers.push(told.ledger)
  }
  return { lines, messages, ledgers }
}

describe.each([true, false])('with Send as Batch %s', (send_as_batch) => {
  it('all events land once, as batches, in order', async () => {
    const { lines, messages, ledgers } = await landed({ send_as_batch })
    const expected = ['session_start', 'custom_event', 'commerce_event', 'session_end']
    for (const batches of [lines, messages]) {
      const events = batches.flatMap((one) => one.events as { event_type: string }[])
      expect(batches).toHaveLength(send_as_batch ? 1 : 4)
      expect(events.map((one) => one.event_type).sort()).toEqual([...expected].sort())
    }
    expect(lines.flatMap((one) => one.events as object[])).toMatchObject(
      expected.map((event_type) => ({ event_type }))
    )
    for (const ledger of ledgers) {
      expect(ledger).toMatchObject({ delivered: 4, filtered: { keep_session_attributes: 1 } })
    }
  })

  it('all events land once, as records, in order', async () => {
    const settings = { send_as_batch, record_format: 'mobile_analytics_event' }
    const { lines, messages, ledgers } = await landed(settings)
    expect(lines.map((one) => one.event_type)).toEqual(types)
    expect(messages.map((one) => one.event_type).sort()).toEqual([...types].sort())
    const ids = (all: Record<string, unknown>[]) => all.map((one) => one.unique_id).sort()
    expect(ids(lines)).toEqual(ids(messages))
    expect(new Set(ids(lines)).size).toBe(4)
    for (const ledger of ledgers) expect(ledger).toMatchObject({ accepted: 4, delivered: 4 })
  })
})
