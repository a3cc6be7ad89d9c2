import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MessageError, readMessage, readRegistration } from '../../sdk/firehose'
import {
  dsrRequest,
  envelope,
  eventBase,
  eventRequest,
  parseFixture,
  registrationRequest,
} from './fixture'

const read = (message: object) => readMessage(JSON.stringify(message))
const readRequest = (fields: object) => read({ ...eventRequest, ...fields })
const readEvent = (event: object) => {
  const message = readRequest({ events: [{ ...eventBase, ...event }] })
  return message.type === 'event_processing_request' ? message.events[0] : undefined
}
const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/

describe('readMessage', () => {
  it.each([
    ['text that is not JSON', 'hello'],
    ['nothing', ''],
    ['an object that does not end', '{"type":"module_registration_request"'],
    ['a list', '[]'],
    ['a number', '1'],
    ['null', 'null'],
    ['no type', '{}'],
    ['a type that is no text', '{"type":{}}'],
    ['an unknown type', '{"type":"party_request"}'],
    ['the name of a property of all objects', '{"type":"constructor"}'],
    ['what follows a byte-order mark twice', '\uFEFF\uFEFF{"type":"module_registration_request"}'],
  ])('refuses %s', (_, text) => {
    expect(() => readMessage(text)).toThrow(MessageError)
  })

  const registration = JSON.stringify(registrationRequest)

  it.each([
    ['a byte-order mark', `\uFEFF${registration}`],
    ['text after the object', `${registration} }"tail{ [`],
    ['another object after it', `${registration}${registration}`],
    ['unknown fields', registration.replace('{', '{"extensions":{"a":[1]},')],
    ['a type at the end', `{"id":"${envelope.id}","type":"module_registration_request"}`],
  ])('bears %s', (_, text) => {
    expect(readMessage(text)).toMatchObject({
      type: 'module_registration_request',
      id: envelope.id,
    })
  })

  it('fills in what the envelope lacks', () => {
    const before = Date.now()
    const message = readMessage('{"type":"event_processing_request"}')
    expect(message).toMatchObject({ id: expect.stringMatching(uuid), firehose_version: '3.2.0' })
    expect(message.timestamp_ms).toBeGreaterThanOrEqual(before)
    expect(message).toMatchObject({ events: [], account: { account_id: 0, account_settings: {} } })
  })

  // What comes as a part of an event request, and what is read.
  it.each<[string, object, object]>([
    ['no events', { events: undefined }, { events: [] }],
    ['null for events', { events: null }, { events: [] }],
    ['an object for events', { events: {} }, { events: [] }],
    ['null for fields', { mpid: null, user_identities: null }, {}],
    ['an id that is no UUID', { id: 'abc' }, { id: 'abc' }],
    ['a number for a text', { mpid: 12 }, { mpid: '12' }],
    [
      'a long number for a text',
      { mpid: '§-5227515829034156637§' },
      { mpid: '-5227515829034156637' },
    ],
    ['a text for an integer', { timestamp_ms: '1714592744067' }, { timestamp_ms: 1714592744067 }],
    ['a fraction for an integer', { timestamp_ms: 5.9 }, { timestamp_ms: 5 }],
    [
      'scalars in a map of text',
      { user_attributes: { a: true, b: 1.5, c: null, d: '', e: 'x' } },
      { user_attributes: { a: 'true', b: '1.5', c: null, d: '', e: 'x' } },
    ],
    [
      'lists and objects in a map of text',
      { user_attributes: { a: ['x', 1], b: { c: null } } },
      { user_attributes: { a: '["x",1]', b: '{"c":null}' } },
    ],
    [
      'scalars among lists of text',
      { user_attribute_lists: { a: 'x', b: [1, null, true] } },
      { user_attribute_lists: { a: ['x'], b: ['1', 'true'] } },
    ],
    [
      'identities without value, without type, without encoding, of another type',
      {
        user_identities: [
          { type: 'email', encoding: 'raw', value: '' },
          { type: 'email', encoding: 'raw', value: null },
          { encoding: 'raw', value: 'x' },
          { type: 'email', value: 'x' },
          { type: 'other11', encoding: 'sha512', value: 7 },
          null,
        ],
      },
      {
        user_identities: [
          { type: 'email', encoding: 'raw', value: 'x' },
          { type: 'other11', encoding: 'sha512', value: '7' },
        ],
      },
    ],
    [
      'consent without its value, and null for one',
      { consent_state: { gdpr_consent_state: { ads: { document: 'v1' }, mail: null } } },
      { consent_state: { gdpr_consent_state: { ads: { consented: false, document: 'v1' } } } },
    ],
    [
      'CCPA without its purpose',
      { system_notifications: [{ type: 'ccpa_consent_state' }] },
      { system_notifications: [{ type: 'ccpa_consent_state', purpose: 'data_sale_opt_out' }] },
    ],
    [
      'an unknown notification',
      { system_notifications: [{ type: 'lgpd', purpose: { a: 1 } }] },
      { system_notifications: [{ type: 'lgpd', purpose: { a: 1 } }] },
    ],
    [
      'an environment of an unknown type',
      { runtime_environment: { type: 'desktop', brand: 1, is_debug: 'true' } },
      { runtime_environment: { type: 'desktop', brand: '1', is_debug: true } },
    ],
    [
      'a field that the type of the environment does not have',
      { runtime_environment: { type: 'roku', screen_height: 1 } },
      { runtime_environment: { type: 'roku', screen_height: 1 } },
    ],
    [
      'booleans where mobile web has text',
      { runtime_environment: { type: 'mobileweb', limit_ad_tracking: true, is_dst: false } },
      { runtime_environment: { type: 'mobileweb', limit_ad_tracking: 'true', is_dst: 'false' } },
    ],
    [
      'an id of an account that is no integer of 32 bits',
      { account: { account_id: 99999999999, account_settings: { a: null, b: true } } },
      { account: { account_id: 99999999999, account_settings: { a: null, b: 'true' } } },
    ],
  ])('reads %s', (_title, fields, expected) => {
    const text = JSON.stringify({ ...eventRequest, ...fields }).replace(/"§|§"/g, '')
    const rest = Object.fromEntries(
      Object.entries(eventRequest).filter(([key]) => !(key in fields))
    )
    expect(readMessage(text)).toEqual({ ...rest, ...expected })
  })

  it.each<[string, object, object]>([
    [
      'an unknown type, whole',
      { type: 'party', a: null },
      { type: 'party', ...eventBase, a: null },
    ],
    [
      'an unknown word',
      { type: 'custom_event', name: 'x', custom_event_type: 'Consent' },
      { type: 'custom_event', ...eventBase, name: 'x', custom_event_type: 'Consent' },
    ],
    [
      'a place without a coordinate',
      { type: 'session_start', location: { latitude: 4 } },
      { type: 'session_start', ...eventBase },
    ],
    [
      'amounts as text',
      { type: 'product_action', action: 'purchase', total_amount: '12.50' },
      { type: 'product_action', ...eventBase, action: 'purchase', total_amount: 12.5 },
    ],
    [
      'an amount that is none',
      { type: 'product_action', action: 'purchase', total_amount: 'much' },
      { type: 'product_action', ...eventBase, action: 'purchase' },
    ],
    [
      'a push payload that is an object',
      { type: 'push_message_open', payload: { a: 1 } },
      { type: 'push_message_open', ...eventBase, payload: '{"a":1}' },
    ],
  ])('reads of an event %s', (_title, fields, expected) => {
    expect(readEvent(fields)).toEqual(expected)
  })

  it('makes an id for an event that has none', () => {
    expect(readEvent({ type: 'session_start', id: null })).toMatchObject({
      id: expect.stringMatching(uuid),
    })
  })

  it.each([
    ['-1096377938905861812', '-1096377938905861812'],
    ['9223372036854775807', '9223372036854775807'],
    ['1234567890123456', '1234567890123456'],
    ['123456789', 123456789],
    ['-0', 0],
    ['"-1096377938905861812"', '-1096377938905861812'],
    ['1.0963779389058618e3', 1096],
  ])('keeps the session %s', (literal, expected) => {
    const text = JSON.stringify(eventRequest).replace(
      '"events":[]',
      `"events":[{"type":"session_start","session_id":${literal},"x":"\\\\\\"session_id\\":1234567890123456789"}]`
    )
    expect(readMessage(text)).toMatchObject({
      events: [{ session_id: expected, x: '\\"session_id":1234567890123456789' }],
    })
  })

  it('keeps the digits of every integer of 64 bits', () => {
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), fc.string(), (session, text) => {
        const json = `{"type":"event_processing_request","source_id":${JSON.stringify(text)},"events":[{"type":"session_end","session_id":${session}}]}`
        const message = readMessage(json)
        if (message.type !== 'event_processing_request') throw Error(message.type)
        expect(String(message.events[0]!.session_id)).toBe(String(session))
        expect(message.source_id).toBe(text)
      })
    )
  })

  it('reads long strings', () => {
    const long = '\\"x'.repeat(10_000_000)
    const message = readRequest({ source_id: long, user_attributes: { a: 1234567890123456 } })
    expect(message).toMatchObject({ user_attributes: { a: '1234567890123456' } })
    expect('source_id' in message && message.source_id === long).toBe(true)
  })

  it('reads what is nested deep', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    const text = JSON.stringify({ ...eventRequest, x: 0, user_attributes: { a: 1 } })
    const message = readMessage(text.replace('"x":0', `"x":${deep}`).replace('1}', `${deep}}`))
    expect(message).toMatchObject({ user_attributes: {} })
  })

  it('keeps a setting that has the name of a part of all objects', () => {
    const text = JSON.stringify(eventRequest).replace('"apiKey"', '"__proto__"')
    const message = readMessage(text)
    expect(JSON.stringify(message)).toContain('"__proto__":"k"')
  })

  it('reads a request again that was read before', () => {
    const message = readMessage(JSON.stringify(parseFixture('EventProcessingRequest_android.json')))
    expect(readMessage(message)).toEqual(message)
  })

  it('leaves out attributes of an audience that have no key', () => {
    const message = read(parseFixture('AudienceMembershipChangeRequest.json'))
    const { user_profiles: [profile] = [] } = message as { user_profiles?: never[] }
    expect(profile).toMatchObject({
      audiences: [
        { action: 'add' },
        { user_attributes: [{ key: 'Some Key' }, { key: 'Churned', action: 'delete' }] },
        { action: 'delete' },
      ],
    })
  })

  it('distinguishes a check of audiences from an empty change', () => {
    const check = parseFixture('AudienceMembershipChangeRequest_verification.json')
    expect(read(check)).not.toHaveProperty('user_profiles')
    expect(read({ ...check, user_profiles: null })).not.toHaveProperty('user_profiles')
    expect(read({ ...check, user_profiles: [] })).toHaveProperty('user_profiles', [])
  })

  it.each([
    ['2024-05-01T19:45:44.067Z', '2024-05-01T19:45:44.067Z'],
    ['2024-05-01T21:45:44+02:00', '2024-05-01T19:45:44.000Z'],
    [1714592744.067235, '2024-05-01T19:45:44.067Z'],
    ['1714592744.067235000', '2024-05-01T19:45:44.067Z'],
    [1714592744, '2024-05-01T19:45:44.000Z'],
    [1714592744067, '2024-05-01T19:45:44.067Z'],
    ['yesterday', 'yesterday'],
  ])('reads %s as the time of a data subject request', (time, expected) => {
    expect(read({ ...dsrRequest, submitted_time: time })).toMatchObject({
      submitted_time: expected,
    })
  })

  it('reads a data subject request without account, with another identity', () => {
    const { account, ...rest } = dsrRequest
    const subject_identities = { mpid: { value: '5' }, email: { encoding: 'raw', value: '' } }
    expect(read({ ...rest, subject_identities })).toMatchObject({
      account: { account_id: 0 },
      subject_identities: { mpid: { encoding: 'raw', value: '5' } },
    })
  })

  it('throws nothing but a MessageError, whatever comes', () => {
    const names = Object.keys({ ...eventRequest, ...dsrRequest, user_profiles: 0, type: 0 })
    const types = ['event_processing_request', 'dsr_processing_request', 'custom_event', 'android']
    const { tree } = fc.letrec<{ tree: unknown; node: unknown }>((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom(...types),
        fc.jsonValue(),
        tie('node')
      ),
      node: fc.oneof(
        fc.array(tie('tree')),
        fc.dictionary(fc.constantFrom(...names, '__proto__'), tie('tree'))
      ),
    }))
    const message = fc.tuple(
      fc.constantFrom(...types),
      fc.dictionary(fc.constantFrom(...names), tree)
    )
    const texts = fc.oneof(
      message.map(([type, fields]) => JSON.stringify({ ...fields, type })),
      fc.json(),
      fc.string()
    )
    fc.assert(
      fc.property(texts, (text) => {
        try {
          readMessage(text)
        } catch (error) {
          expect(error).toBeInstanceOf(MessageError)
        }
      }),
      { numRuns: 2000 }
    )
  })
})

describe('readRegistration', () => {
  it('leaves out what it does not know, and takes a setting of another type for text', () => {
    expect(
      readRegistration({
        name: 'Acme',
        version: 1,
        colour: 'red',
        permissions: {
          user_identities: [
            { type: 'email', encoding: 'sha256' },
            { type: 'telepathy', encoding: 'raw' },
            { type: 'customer', encoding: 'rot13' },
          ],
        },
        event_processing_registration: {
          account_settings: [{ type: 'date', id: 'since', name: 'Since' }, { type: 'text' }],
          supported_event_types: ['custom_event', 'party'],
          supported_runtime_environments: ['ios', 'desktop'],
          supported_system_notification_types: ['lgpd'],
        },
      })
    ).toEqual({
      name: 'Acme',
      version: '1',
      colour: 'red',
      permissions: { user_identities: [{ type: 'email', encoding: 'sha256' }] },
      event_processing_registration: {
        account_settings: [{ type: 'text', id: 'since', name: 'Since' }],
        supported_event_types: ['custom_event'],
        supported_runtime_environments: ['ios'],
        supported_system_notification_types: [],
      },
    })
  })

  it('makes nothing of what is no object', () => {
    expect(readRegistration('Acme')).toBeUndefined()
  })
})
