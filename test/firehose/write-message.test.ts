import { describe, expect, it } from 'vitest'
import { type Message, readMessage, writeMessage } from '../../sdk/firehose'
import {
  dsrRequest,
  envelope,
  eventBase,
  eventRequest,
  events,
  parseFixture,
  readFixture,
  registrationRequest,
  subscriptionRequest,
} from './fixture'

const account = { account_id: 1, account_settings: { apiKey: 'k' } }
const responses = {
  event: { type: 'event_processing_response', ...envelope },
  membership: { type: 'audience_membership_change_response', ...envelope },
}

/** Takes any object, as in a JavaScript program without types. */
const write = (message: object) => JSON.parse(writeMessage(message as Message))

describe('writeMessage', () => {
  it.each([
    'AudienceMembershipChangeRequest_verification.json',
    'AudienceMembershipChangeResponse.json',
    'AudienceSubscriptionResponse.json',
    'DsrProcessingResponse.json',
    'EventProcessingRequest_android.json',
    'EventProcessingResponse.json',
    'ModuleRegistrationRequest.json',
    'ModuleRegistrationResponse.json',
  ])('writes %s as it was read', (name) => {
    expect(write(readMessage(readFixture(name)))).toEqual(parseFixture(name))
  })

  it('writes the change of memberships as it was read, but for an attribute without a key', () => {
    const name = 'AudienceMembershipChangeRequest.json'
    const written = writeMessage(readMessage(readFixture(name)))
    expect(JSON.parse(written)).toEqual(JSON.parse(readFixture(name).replace(', { } ]', ']')))
  })

  it.each([
    ['a registration request', registrationRequest],
    ['a request without events', eventRequest],
    ['a subscription', subscriptionRequest],
    ['a data subject request', dsrRequest],
  ])('writes %s as it was read', (_, message) => {
    const written = write(readMessage(JSON.stringify(message)))
    expect(written).toMatchObject({
      ...message,
      ...('submitted_time' in message && { submitted_time: '2024-05-01T19:45:44.000Z' }),
    })
  })

  it.each(events)('writes an event of type $type as it was read', (event) => {
    const message = { ...eventRequest, events: [event] }
    expect(write(readMessage(JSON.stringify(message)))).toEqual(message)
  })

  it('leaves out what is null or empty, also in maps, and keeps false and 0', () => {
    const message = {
      ...eventRequest,
      mpid: null,
      source_id: '',
      user_identities: [],
      user_attributes: { a: '', b: null },
      integration_attributes: { a: 'x', b: '' },
      runtime_environment: { type: 'android', is_debug: false, is_tablet: false, screen_height: 0 },
    }
    expect(write(message)).toEqual({
      ...eventRequest,
      integration_attributes: { a: 'x' },
      runtime_environment: { type: 'android', is_tablet: false, screen_height: 0 },
    })
  })

  it.each([
    [responses.event, {}],
    [{ ...responses.event, suspend_subscription: false }, {}],
    [{ ...responses.event, suspend_subscription: true }, { suspend_subscription: true }],
    [{ ...responses.membership, suspend_subscription: false }, { suspend_subscription: false }],
  ])('writes whether %j suspends', (message, expected) => {
    expect(write(message)).toEqual({ ...envelope, type: message.type, ...expected })
  })

  it('writes a session as a number with all its digits, and an attribute of that name as text', () => {
    const session_id = '-1096377938905861812'
    const attributes = { session_id }
    const event = { type: 'custom_event', ...eventBase, name: 'x', session_id, attributes }
    const text = writeMessage(readMessage({ ...eventRequest, events: [event] }))
    expect(text).toContain(`"session_id":${session_id}`)
    expect(text).toContain(`"attributes":{"session_id":"${session_id}"}`)
    expect(readMessage(text)).toMatchObject({ events: [event] })
  })

  it.each<[string, object, string[]]>([
    ['an id that is no UUID', { ...responses.event, id: '1' }, ['id']],
    ['no time', { ...responses.event, timestamp_ms: undefined }, ['timestamp_ms']],
    ['a field that the protocol does not have', { ...responses.event, note: 'x' }, ['note']],
    [
      'a text for a flag',
      { ...responses.event, suspend_subscription: 'no' },
      ['suspend_subscription'],
    ],
    [
      'settings that are no text',
      {
        ...envelope,
        type: 'audience_subscription_response',
        audience_subscription_settings: { a: 1, b: ['x'], c: 'x' },
      },
      ['audience_subscription_settings.a', 'audience_subscription_settings.b'],
    ],
    [
      'unknown words and empty identities',
      {
        ...eventRequest,
        user_identities: [
          { type: 'email', encoding: 'rot13', value: 'x' },
          { type: 'other11', encoding: 'raw', value: '' },
        ],
        events: [
          { type: 'party', ...eventBase },
          { type: 'custom_event', ...eventBase, name: '', custom_event_type: 'Consent' },
          { type: 'product_action', ...eventBase, action: 'remove_from_wishlist' },
        ],
        runtime_environment: { type: 'desktop' },
      },
      [
        'events.0',
        'events.1.name',
        'events.1.custom_event_type',
        'events.2.action',
        'user_identities.0.encoding',
        'user_identities.1.type',
        'user_identities.1.value',
        'runtime_environment.type',
      ],
    ],
    [
      'numbers out of range',
      {
        ...eventRequest,
        account: { ...account, account_id: 2 ** 31 },
        platform_fields: { workspace_id: 1.5 },
        events: [{ type: 'session_start', ...eventBase, session_id: '9223372036854775808' }],
      },
      ['account.account_id', 'events.0.session_id', 'platform_fields.workspace_id'],
    ],
    [
      'a field that the environment does not have',
      { ...eventRequest, runtime_environment: { type: 'roku', screen_height: 1 } },
      ['runtime_environment.screen_height'],
    ],
    [
      'a location without a coordinate',
      {
        ...eventRequest,
        events: [{ type: 'session_start', ...eventBase, location: { latitude: 1 } }],
      },
      ['events.0.location.longitude'],
    ],
    [
      'an identity that data subject requests do not have, and a time without a zone',
      {
        ...dsrRequest,
        submitted_time: '2024-05-01T19:45:44',
        subject_identities: { mpid: { encoding: 'md5', value: 'x' } },
      },
      ['submitted_time', 'subject_identities.mpid.encoding', 'subject_identities.mpid'],
    ],
  ])('rejects %s', (_, message, paths) => {
    let problems: { path: string }[] = []
    try {
      write(message)
    } catch (error) {
      expect(error).toHaveProperty('name', 'WriteError')
      problems = (error as { problems: typeof problems }).problems
    }
    expect(problems.map(({ path }) => path)).toEqual(paths)
  })
})
