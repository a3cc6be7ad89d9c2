import { expect, it } from 'vitest'
import { lineBytes } from '../../../../worker/connections/split'
import { converted, registration } from '../../../support/firehose'
import { partOf } from '../../../support/outbound'

const uuid = '7fa67be4-f83a-429f-9d73-38b660c50825'
const eventOf = (event_name: string, bytes: number) => ({
  event_type: 'custom_event',
  data: { event_name, custom_attributes: { filler: 'é'.repeat(bytes / 2) } },
})
const change = {
  type: 'gdpr_change',
  data: { purpose: 'a', current: { consented: true, regulation: 'GDPR' }, old: null },
}

it('a request that is too large is split into several with different ids, the same every time', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f']
  const body = { source_request_id: uuid, events: names.map((name) => eventOf(name, 500_000)) }
  const parts = [partOf(body, { notifications: [change] })]
  const { deliveries, accepted, filtered } = converted(parts, registration())
  const requests = deliveries.map(({ text }) => JSON.parse(text))
  const encoder = new TextEncoder()

  expect([accepted, filtered]).toEqual([6, {}])
  expect(deliveries.every(({ text }) => encoder.encode(text).byteLength <= lineBytes)).toBe(true)
  expect(
    requests.flatMap(({ events }) => events.map((event: { name: string }) => event.name))
  ).toEqual(names)
  expect(deliveries.map(({ events }) => events)).toEqual(
    requests.map(({ events }) => events.length)
  )
  expect(requests[0].id).toBe(uuid)
  expect(new Set(requests.map(({ id }) => id)).size).toBe(requests.length)
  expect(new Set(deliveries.map(({ id }) => id)).size).toBe(requests.length)
  expect(requests.every(({ runtime_environment }) => runtime_environment.type === 'unknown')).toBe(
    true
  )
  expect(requests.map((request) => request.system_notifications?.length)).toEqual([
    1,
    ...requests.slice(1).map(() => undefined),
  ])
  expect(converted(parts, registration()).deliveries).toEqual(deliveries)
})

it('an event that is too large alone cannot be sent, and the others are', () => {
  const events = [eventOf('small', 10), eventOf('large', lineBytes), eventOf('next', 10)]
  const { deliveries } = converted([partOf({ events })], registration())
  const sendable = deliveries.filter(({ unsendable }) => unsendable === undefined)
  expect(
    sendable.flatMap(({ text }) =>
      JSON.parse(text).events.map(({ name }: { name: string }) => name)
    )
  ).toEqual(['small', 'next'])
  expect(deliveries.filter(({ unsendable }) => unsendable)).toMatchObject([
    { events: 1, unsendable: expect.stringContaining(`it may have ${lineBytes}`) },
  ])
})
