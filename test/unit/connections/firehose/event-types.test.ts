import { describe, expect, it } from 'vitest'
import { type JsonObject, omit } from '../../../../worker/base/json'
import { everything, registration, requestOf } from '../../../support/firehose'

type ReceivedEvent = [event_type: string, data: JsonObject]

const ms = 1795229708345

/** What one event becomes, without the fields that all have. */
const eventOf = ([event_type, data]: ReceivedEvent): JsonObject | undefined => {
  const events = [{ event_type, data: { timestamp_unixtime_ms: ms, ...data } }]
  const [event] = requestOf({ events }, registration(everything)).events
  if (!event) return undefined
  expect(event.timestamp_ms).toBe(ms)
  return omit(event, ['id', 'timestamp_ms'])
}

const attributes: ReceivedEvent[1] = {
  custom_attributes: { a: 1 },
  custom_flags: { 'Acme.f': true },
}
const payload = '{"acme":"{\\"a\\":1}","google.sent_time":1}'

describe('an event', () => {
  it.each<[ReceivedEvent, JsonObject]>([
    [['session_start', attributes], { type: 'session_start' }],
    [
      ['session_end', { ...attributes, session_duration_ms: '336000' }],
      { type: 'session_end', session_length_ms: 336000 },
    ],
    [
      ['screen_view', { ...attributes, screen_name: 'Home', activity_type: 'x' }],
      {
        type: 'screen_view',
        screen_name: 'Home',
        attributes: { a: '1' },
        custom_flags: { 'Acme.f': 'true' },
      },
    ],
    [
      ['custom_event', { ...attributes, event_name: 'Search', custom_event_type: 'search' }],
      {
        type: 'custom_event',
        name: 'Search',
        custom_event_type: 'search',
        attributes: { a: '1' },
        custom_flags: { 'Acme.f': 'true' },
      },
    ],
    [
      ['custom_event', { event_name: 'x', custom_event_type: 'Consent' }],
      { type: 'custom_event', name: 'x', custom_event_type: 'unknown' },
    ],
    [
      ['custom_event', { event_name: 'x' }],
      { type: 'custom_event', name: 'x', custom_event_type: 'unknown' },
    ],
    [
      [
        'custom_event',
        {
          event_name: 'attribution',
          custom_event_type: 'attribution',
          custom_attributes: { publisher: 'AdNet', campaign: 'Spring' },
          custom_flags: { 'Acme.f': 1 },
        },
      ],
      {
        type: 'attribution',
        name: 'attribution',
        publisher_name: 'AdNet',
        campaign_name: 'Spring',
        attributes: { publisher: 'AdNet', campaign: 'Spring' },
      },
    ],
    [
      ['crash_report', { ...attributes, message: 'm', stack_trace: 't', exception_handled: true }],
      { type: 'error', message: 'm', is_crash: false, stack_trace: 't', attributes: { a: '1' } },
    ],
    [['crash_report', { severity: 'fatal' }], { type: 'error', is_crash: true }],
    [['crash_report', { severity: 'error' }], { type: 'error', is_crash: false }],
    [
      [
        'crash_report',
        {
          exception_handled: false,
          breadcrumbs: [
            { event_type: 'breadcrumb', data: { label: 'one' } },
            { label: 'two' },
            'three',
            { data: {} },
            7,
          ],
        },
      ],
      { type: 'error', is_crash: true, breadcrumbs: ['one', 'two', 'three', '7'] },
    ],
    [
      ['opt_out', { is_opted_out: false, ...attributes }],
      { type: 'privacy_setting_change', setting: 'app_data_collection', is_enabled: true },
    ],
    [
      ['push_registration', { register: true, registration_token: 't' }],
      { type: 'push_subscription', action: 'subscribe', token: 't' },
    ],
    [
      ['push_registration', { register: false, registration_token: 't' }],
      { type: 'push_subscription', action: 'unsubscribe', token: 't' },
    ],
    [
      ['push_message', { push_message_type: 'received', push_notification_payload: payload }],
      { type: 'push_message_receipt', payload },
    ],
    [
      ['push_message', { push_message_type: 'action', push_notification_payload: { acme: {} } }],
      { type: 'push_message_open', payload: '{"acme":{}}' },
    ],
    [
      ['push_reaction', { push_notification_payload: payload }],
      { type: 'push_message_open', payload },
    ],
    [
      ['user_attribute_change', { user_attribute_name: 'a', new: 1, old: null, deleted: false }],
      { type: 'user_attribute_change', added: { a: '1' } },
    ],
    [
      ['user_attribute_change', { user_attribute_name: 'a', new: ['x', 2], old: ['y'] }],
      { type: 'user_attribute_change', added: { a: '["x",2]' }, removed: { a: '["y"]' } },
    ],
    [
      ['user_attribute_change', { user_attribute_name: 'a', new: null, old: 'x', deleted: true }],
      { type: 'user_attribute_change', removed: { a: 'x' } },
    ],
    [
      ['user_attribute_change', { user_attribute_name: 'tag', new: null, old: null }],
      { type: 'user_attribute_change', added: { tag: null } },
    ],
    [
      ['user_identity_change', { new: { identity_type: 'customerid', identity: 'C' }, old: null }],
      {
        type: 'user_identity_change',
        added: [{ type: 'customer', encoding: 'raw', value: 'C' }],
      },
    ],
    [
      [
        'user_identity_change',
        {
          new: { identity_type: 'google', identity: 'G' },
          old: { identity_type: 'customer_id', identity: 7 },
        },
      ],
      {
        type: 'user_identity_change',
        removed: [{ type: 'customer', encoding: 'raw', value: '7' }],
      },
    ],
  ])('%j becomes %j', (received, expected) => {
    expect(eventOf(received)).toEqual(expected)
  })

  it.each([
    ['application_initialized', { is_first_run: true, is_upgrade: true }, 'install'],
    ['application_initialized', { is_upgrade: true }, 'upgrade'],
    ['application_initialized', {}, 'initialize'],
    ['application_exit', {}, 'exit'],
    ['application_background', {}, 'background'],
    ['application_foreground', {}, 'foreground'],
  ])('of the transition %s %j has the state %s', (transition, flags, state) => {
    const data = { application_transition_type: transition, launch_referral: 'app://x', ...flags }
    expect(eventOf(['application_state_transition', data])).toEqual({
      type: 'application_state_transition',
      application_state: state,
      launch_referral: 'app://x',
    })
  })

  it('of a transition says what it was launched by, in text only', () => {
    const exit = { application_transition_type: 'application_exit' }
    const by = { referral_application: 'r', launch_parameters: 'l', source_package: 's' }
    const state = { type: 'application_state_transition', application_state: 'exit' }
    const strange = { referral_application: {}, launch_parameters: ['l'], source_package: '' }
    expect(eventOf(['application_state_transition', { ...exit, ...by }])).toEqual({
      ...state,
      ...by,
    })
    expect(eventOf(['application_state_transition', { ...exit, ...strange }])).toEqual(state)
  })

  it.each<[what: string, given: ReceivedEvent]>([
    ['of network performance', ['network_performance', { url: 'u' }]],
    ['that is a breadcrumb', ['breadcrumb', { label: 'l' }]],
    ['of a profile', ['profile', { profile_event_type: 'login' }]],
    ['of an uninstall', ['uninstall', {}]],
    ['of a first run', ['first_run', {}]],
    ['of attribution to come', ['pre_attribution', {}]],
    ['of validation', ['validation_result', {}]],
    ['of an unknown type', ['hologram_view', {}]],
    ['by the name of a property of all objects', ['constructor', {}]],
    ['of a push that was sent', ['push_message', { push_message_type: 'sent' }]],
    ['of a push of no type', ['push_message', { push_message_type: 'toString' }]],
    ['of commerce of no kind', ['commerce_event', { product_action: null }]],
    [
      'of commerce with an unknown action',
      ['commerce_event', { product_action: { action: 'unknown' } }],
    ],
    ['of an empty impression', ['commerce_event', { product_impressions: [] }]],
    ['without a name', ['custom_event', { event_name: '' }]],
    ['of a screen without a name', ['screen_view', { screen_name: null }]],
    ['of opting out that does not say whether', ['opt_out', {}]],
    ['of a push registration without a token', ['push_registration', { register: true }]],
    [
      'of a push registration that does not say which',
      ['push_registration', { registration_token: 't' }],
    ],
    [
      'of an unknown transition',
      ['application_state_transition', { application_transition_type: 'valueOf' }],
    ],
    ['of an attribute without a name', ['user_attribute_change', { new: 'x' }]],
    [
      'of an attribute without a value that was deleted',
      ['user_attribute_change', { user_attribute_name: 'tag', old: null, deleted: true }],
    ],
    ['of no identity', ['user_identity_change', { new: null, old: 'x' }]],
  ])('%s is not sent', (_title, received) => {
    expect(eventOf(received)).toBeUndefined()
  })

  it('has no field of another name', () => {
    const data = {
      event_name: 'x',
      event_num: 4,
      message_id: 'm',
      page_url: 'https://example.org',
      view_controller: 'v',
      device_current_state: { battery_level: 1 },
      session_start_unixtime_ms: 1,
      a_field_of_tomorrow: 1,
    }
    expect(eventOf(['custom_event', data])).toEqual({
      type: 'custom_event',
      name: 'x',
      custom_event_type: 'unknown',
    })
  })

  it('of attribution names the service that it is owed to', () => {
    const data = { event_name: 'install', custom_event_type: 'attribution' }
    const events = [{ event_type: 'custom_event', data }]
    const body = { events, attribution_info: { service_provider: 'Tracker' } }
    expect(requestOf(body, registration()).events).toMatchObject([{ partner_name: 'Tracker' }])
  })

  it('of attribution names its own partner before that of its batch', () => {
    const data = { event_name: 'i', custom_event_type: 'attribution', partner_name: 'Own' }
    const events = [{ event_type: 'custom_event', data }]
    const body = { events, source_info: { partner: 'Feed' } }
    expect(requestOf(body, registration()).events).toMatchObject([{ partner_name: 'Own' }])
  })

  it('of attribution, and the platform’s fields, name the partner whose feed it came by', () => {
    const data = { event_name: 'install', custom_event_type: 'attribution' }
    const body = {
      events: [{ event_type: 'custom_event', data }],
      device_info: { platform: 'iOS' },
      source_info: { channel: 'forged', partner: 'Feed' },
    }
    const request = requestOf(body, registration(everything), {
      part: { edge: { channel: 'partner' } },
    })
    expect(request).toMatchObject({
      source_channel: 'partner',
      platform_fields: { input_name: 'Feed' },
      events: [{ partner_name: 'Feed' }],
    })
  })
})
