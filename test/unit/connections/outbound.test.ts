import { describe, expect, it } from 'vitest'
import { idFrom } from '../../../worker/base/hash'
import type { JsonObject } from '../../../worker/base/json'
import { mergeParts } from '../../../worker/connections/outbound'
import sampleText from '../../fixtures/mparticle-schema/mparticle.inbound.eventsapi.sample.json?raw'
import lines from '../../fixtures/mparticle-schema/outbound-s3.sample.ndjson?raw'
import quarantine from '../../fixtures/mparticle-schema/raw-data-feed-quarantine.sample.json'
import {
  customEvent,
  type Message,
  messageOf,
  mpid,
  partOf,
  receivedMs,
  s3Settings,
} from '../../support/outbound'
import { nodeBatches, webBatches } from '../../support/recorded'

const decimal = /^-?\d{1,19}$/
const everything = s3Settings({
  include_consent_state: true,
  include_mp_deviceid: true,
  include_event_batch_location: true,
  include_user_attribute_change_events: true,
  include_user_identity_change_events: true,
})

const int64s = /^(mpid|batch_id|event_id|session_id|previous_mpid|current_mpid|.*_unixtime_ms)$/

/** The int64 fields of a message that are no decimal strings. */
const notText = (value: unknown, path: string[] = []): string[] => {
  if (typeof value !== 'object' || value === null) {
    const isInt64 = int64s.test(path.at(-1) ?? '')
    return isInt64 && !decimal.test(typeof value === 'string' ? value : '') ? [path.join('.')] : []
  }
  return Object.entries(value).flatMap(([name, field]) => notText(field, [...path, name]))
}

const recorded = [...webBatches, ...nodeBatches].map((batch) => [batch.name, batch] as const)

describe.each(recorded)('the recorded batch %s', (_name, { body, text }) => {
  const message = messageOf([partOf(text)], everything)

  it('has every 64-bit integer as a decimal string, but the times of identities', () => {
    expect(notText({ ...message, user_identities: null })).toEqual([])
    for (const identity of message.user_identities as JsonObject[]) {
      expect(identity.timestamp_unixtime_ms).toBe(receivedMs)
    }
  })

  it('has what the server makes', () => {
    expect(message).toMatchObject({
      mpid,
      batch_id: idFrom('0123456789abcdef', 0),
      schema_version: 2,
      message_type: 'events',
      timestamp_unixtime_ms: String(receivedMs),
      source_info: { channel: 'javascript' },
      system_notifications: [],
    })
    expect(message.source_request_id).toBe(body.source_request_id)
    const ids = message.events.map((event) => event.data.event_id)
    expect(new Set([...ids, message.batch_id]).size).toBe(ids.length + 1)
  })

  it('has the other fields of its events as the client sent them', () => {
    const received = (body.events ?? []) as Message['events']
    // Events without a type are no events.
    const known = received.filter((event) => event.event_type)
    expect(message.events.map((event) => event.event_type)).toEqual(
      known.map((event) => event.event_type)
    )
    for (const [i, { data }] of known.entries()) {
      for (const [name, value] of Object.entries(data)) {
        if (int64s.test(name) || name === 'promotion_action') continue
        if (name === 'new' || name === 'old') continue
        expect(message.events[i]?.data[name]).toEqual(value)
      }
    }
  })

  it('has no null identities, and never the client’s flags and keys', () => {
    for (const identity of message.user_identities as JsonObject[]) {
      expect(typeof identity.identity).toBe('string')
    }
    for (const name of ['modified', 'api_key', 'api_keys']) expect(message).not.toHaveProperty(name)
  })
})

describe('the published inbound sample', () => {
  const message = messageOf([partOf(sampleText)], everything)

  it('is forwarded with exact ids, derived sessions and all of its events', () => {
    expect(notText({ ...message, user_identities: null })).toEqual([])
    for (const event of message.events) {
      const { session_uuid, session_id } = event.data
      if (session_uuid === '84E1B361-A282-4ADF-8A6D-1D31E6DD5A9E') {
        expect(session_id).toBe('6051321688317951794')
      }
      if (session_uuid === '8B8DFAA2-17C7-43E8-88EE-5F2DCF016D56') {
        expect(session_id).toBe('-2271448330363288817')
      }
    }
    expect(message.events.length).toBe(partOf(sampleText).events.length)
    expect(message.device_info).toMatchObject({
      att_timestamp_unixtime_ms: '1614187122051',
      push_token: null,
    })
  })

  it('gets ids and a source of the server’s', () => {
    expect(message.batch_id).not.toBe('-8602161397754364000')
    expect(message.source_info).toEqual({ channel: 'javascript' })
  })
})

describe('the form', () => {
  it('has every field of the published outbound lines', () => {
    for (const line of lines.trim().split('\n')) {
      const published = JSON.parse(line)
      const [event] = published.events
      const { identity } = published.user_identities[0]
      const message = messageOf([
        partOf({
          ...published,
          user_identities: { customer_id: identity },
          events: [event],
        }),
      ])
      expect(message.environment).toBe(published.environment)
      expect(message.user_identities).toMatchObject(published.user_identities)
      const { event_id: _, ...data } = event.data
      expect(message.events[0]).toMatchObject({ event_type: event.event_type, data })
    }
  })

  it('of a raw data feed is that of the published one', () => {
    const { source_info: _, deleted_user_attributes: __, ...published } = quarantine
    const body = { ...published, schema_version: 1, message_id: 'm', system_notifications: [1] }
    const message = messageOf([partOf(body)], s3Settings({ raw_data_feed: true }))
    const names = [...Object.keys(published), 'mpid', 'source_info']
    expect(Object.keys(message).sort()).toEqual(names.sort())
    expect(message).toMatchObject({
      user_identities: quarantine.user_identities,
      user_attributes: quarantine.user_attributes,
      context: quarantine.context,
      device_info: quarantine.device_info,
      timestamp_unixtime_ms: String(receivedMs),
    })
    for (const [i, event] of quarantine.events.entries()) {
      const { event_id: ___, ...data } = event.data
      expect(message.events[i]).toMatchObject({ event_type: event.event_type, data })
      expect(message.events[i]?.data.event_id).toMatch(decimal)
    }
  })
})

describe('a batch that is short of something', () => {
  it('without events has an empty list', () => {
    expect(messageOf([partOf({ mpid: '1' })])).toMatchObject({
      events: [],
      environment: 'production',
      user_identities: [],
      user_attributes: {},
      system_notifications: [],
    })
  })

  it('has the time of receipt where an event has none, and the event’s as its start', () => {
    const message = messageOf([
      partOf({
        events: [
          { event_type: 'a' },
          { event_type: 'b', data: { timestamp_unixtime_ms: '1795229708345' } },
          { event_type: 'c', data: { timestamp_unixtime_ms: 5, event_start_unixtime_ms: 3 } },
          { event_type: 'd', data: { timestamp_unixtime_ms: 'soon' } },
        ],
      }),
    ])
    const received = String(receivedMs)
    expect(
      message.events.map(({ data }) => [data.timestamp_unixtime_ms, data.event_start_unixtime_ms])
    ).toEqual([
      [received, received],
      ['1795229708345', '1795229708345'],
      ['5', '3'],
      [received, received],
    ])
  })

  it('has no session id where there is no session', () => {
    const [event] = messageOf([partOf({ events: [customEvent('a')] })]).events
    expect(event?.data).not.toHaveProperty('session_id')
  })
})

describe('identities', () => {
  it('are listed in the documented order, then the unknown, each with the time it was set', () => {
    const user_identities = { hologram: 'h', google: null, other2: 'o2', email: 'e', customerid: 7 }
    const context = { identityTimes: { email: 1_700_000_000_000 } }
    const message = messageOf([partOf({ user_identities })], s3Settings(), context)
    expect(message.user_identities).toEqual([
      { identity_type: 'customer_id', identity: '7', timestamp_unixtime_ms: receivedMs },
      { identity_type: 'email', identity: 'e', timestamp_unixtime_ms: 1_700_000_000_000 },
      { identity_type: 'other_id_2', identity: 'o2', timestamp_unixtime_ms: receivedMs },
      { identity_type: 'hologram', identity: 'h', timestamp_unixtime_ms: receivedMs },
    ])
  })

  it('given in a list go out as those in an object do, also when the list is empty', () => {
    const object = { email: 'e', customerid: 7, google: null }
    const list = Object.entries(object).map(([identity_type, identity]) => ({
      identity_type,
      identity,
      timestamp_unixtime_ms: 1,
    }))
    const of = (user_identities: object) => messageOf([partOf({ user_identities })])
    expect(of(list)).toEqual(of(object))
    const parts = [partOf({ user_identities: object }), partOf({ user_identities: [] })]
    expect(messageOf(parts).user_identities).toEqual([])
  })
})

it('an event has its data both as received and as forwarded', () => {
  const part = partOf('{"events":[{"event_type":"a","data":{"session_id":7,"session_uuid":"u"}}]}')
  const [outbound] = mergeParts([part], mpid)?.events ?? []
  expect(outbound?.receivedData).toBe(part.events[0]?.event.data)
  expect(outbound?.event.data.session_id).not.toBe('7')
})

describe('a promotion', () => {
  it.each([
    [0, 'unknown'],
    [1, 'view'],
    [2, 'click'],
    [9, 'unknown'],
    ['view', 'view'],
    [null, null],
  ])('of action %s goes out as %s', (action, expected) => {
    const promotion_action = { action, promotions: [{ id: 'p', position: 1 }] }
    const message = messageOf([
      partOf({ events: [{ event_type: 'commerce_event', data: { promotion_action } }] }),
    ])
    expect(message.events[0]?.data.promotion_action).toEqual({
      action: expected,
      promotions: [{ id: 'p', position: 1 }],
    })
  })
})

describe('what the edge knows', () => {
  const body = { ip: '198.51.100.1', device_info: { platform: 'web' } }

  it('of a browser is its address and agent', () => {
    const edge = { channel: 'javascript' as const, ip: '203.0.113.9', user_agent: 'Firefox' }
    expect(messageOf([partOf(body, { edge })])).toMatchObject({
      ip: '203.0.113.9',
      device_info: { platform: 'web', http_header_user_agent: 'Firefox' },
      source_info: { channel: 'javascript' },
    })
  })

  it('of a server does not replace what the server says', () => {
    const edge = { channel: 'server_to_server' as const, is_historical: true, user_agent: 'curl' }
    const device_info = { http_header_user_agent: 'Safari' }
    const message = messageOf([partOf({ ...body, device_info }, { edge })])
    expect(message).toMatchObject({ ip: '198.51.100.1', device_info })
    expect(message.source_info).toEqual({ channel: 'server_to_server', is_historical: true })
  })
})
