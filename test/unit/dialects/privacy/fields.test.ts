import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { isObject, type Json, parseJson } from '../../../../worker/base/json'
import { redactFields } from '../../../../worker/dialects/privacy/fields'
import { fieldRulesOf, hashOf } from '../../../../worker/dialects/privacy/rules'
import { type Privacy, privacySettings } from '../../../../worker/dialects/privacy/settings'
import { settingsSchema } from '../../../../worker/setting-schema'
import { batchText } from '../../../support/arbitrary'

const key = 'test-identity-key'
const hash = hashOf(key)

const govern = (given: Partial<Privacy>, body: Json): Json => {
  const { privacy } = v.parse(settingsSchema(privacySettings), { privacy: given })
  const rules = fieldRulesOf(privacy, () => key)
  return rules ? redactFields(body, rules) : body
}

const event = (event_type: string, data: Json) => ({ events: [{ event_type, data }] })

describe('the rules of an input', () => {
  it.each<[string, Partial<Privacy>, Json, Json]>([
    [
      'hash an identity, without the blanks around it, under any of its names',
      { hash: ['user_identities.customer_id'] },
      { user_identities: { customerid: ' c-1 ', email: 'a@b.c' } },
      { user_identities: { customerid: hash('c-1'), email: 'a@b.c' } },
    ],
    [
      'drop an identity of a list',
      { drop: ['user_identities.email'] },
      {
        user_identities: [
          { identity_type: 'email', identity: 'a' },
          { identity_type: 'x', identity: 'b' },
        ],
      },
      { user_identities: [{ identity_type: 'x', identity: 'b' }] },
    ],
    [
      'hash identities that come with an encoding',
      { hash: ['user_identities.email'] },
      { hashed_identities: [{ type: 'email', encoding: 'md5', value: '1' }] },
      { hashed_identities: [{ type: 'email', encoding: 'md5', value: hash('1') }] },
    ],
    [
      'leave an identity that is taken away as it is',
      { hash: ['user_identities.email'] },
      { user_identities: { email: null, google: '' } },
      { user_identities: { email: null, google: '' } },
    ],
    [
      'hash each entry of a list, and numbers as they are written',
      { hash: ['user_attributes.*'] },
      { user_attributes: { list: ['a', 'b'], number: 12, tag: null } },
      { user_attributes: { list: [hash('a'), hash('b')], number: hash('12'), tag: null } },
    ],
    [
      'go by a name rather than by the star',
      { hash: ['user_attributes.plan'], drop: ['user_attributes.*'] },
      { user_attributes: { plan: 'pro', phone: '1' } },
      { user_attributes: { plan: hash('pro') } },
    ],
    [
      'know names with dots',
      { drop: ['user_attributes.a.b'] },
      { user_attributes: { 'a.b': 1, a: { b: 2 } } },
      { user_attributes: { a: { b: 2 } } },
    ],
    [
      'empty a change of an attribute, and leave the rest of the event',
      { drop: ['user_attributes.phone'] },
      event('user_attribute_change', {
        user_attribute_name: 'phone',
        new: '1',
        old: '2',
        deleted: false,
      }),
      event('user_attribute_change', { user_attribute_name: 'phone', deleted: false }),
    ],
    [
      'hash both sides of a change of an attribute',
      { hash: ['user_attributes.phone'] },
      event('user_attribute_change', { user_attribute_name: 'phone', new: ['1'], old: null }),
      event('user_attribute_change', { user_attribute_name: 'phone', new: [hash('1')], old: null }),
    ],
    [
      'leave changes of other attributes',
      { drop: ['user_attributes.phone'] },
      event('user_attribute_change', { user_attribute_name: 'plan', new: '1', old: '2' }),
      event('user_attribute_change', { user_attribute_name: 'plan', new: '1', old: '2' }),
    ],
    [
      'know the attributes of a change of audiences by their keys',
      { drop: ['user_attributes.ssn'], hash: ['user_attributes.phone'] },
      event('audience_membership_change', {
        user_attributes: [
          { key: 'ssn', action: 'upsert', value: '1' },
          { key: 'ssn', action: 'delete' },
          { key: 'phone', action: 'upsert', value: '2', list_value: ['3'] },
          { key: 'phone', action: 'delete', value: null },
          { key: 'value', action: 'upsert', value: '4' },
          { key: 'plan', value: 'pro', ssn: '5' },
          { key: { of: 1 }, value: '6' },
          { ssn: '7', plan: 'pro' },
        ],
      }),
      event('audience_membership_change', {
        user_attributes: [
          { key: 'phone', action: 'upsert', value: hash('2'), list_value: [hash('3')] },
          { key: 'phone', action: 'delete', value: null },
          { key: 'value', action: 'upsert', value: '4' },
          { key: 'plan', value: 'pro' },
          { plan: 'pro' },
        ],
      }),
    ],
    [
      'reach the values of all keys by the star, and no keys',
      { hash: ['user_attributes.*'] },
      { user_attributes: [{ key: 'a', action: 'upsert', value: '1' }] },
      { user_attributes: [{ key: 'a', action: 'upsert', value: hash('1') }] },
    ],
    [
      'empty a change of an identity',
      { drop: ['user_identities.email'] },
      event('user_identity_change', { new: { identity_type: 'email', identity: 'a' }, old: null }),
      event('user_identity_change', { new: { identity_type: 'email' }, old: null }),
    ],
    [
      'reach the attributes of products',
      { drop: ['custom_attributes.card'] },
      event('commerce_event', {
        product_action: { products: [{ id: 'p', custom_attributes: { card: '1', x: 2 } }] },
      }),
      event('commerce_event', {
        product_action: { products: [{ id: 'p', custom_attributes: { x: 2 } }] },
      }),
    ],
    [
      'drop a field of the data of events',
      { drop: ['events.page_url'] },
      {
        page_url: 'kept',
        ...event('custom_event', { page_url: 'a', custom_attributes: { page_url: 'b' } }),
      },
      { page_url: 'kept', ...event('custom_event', { custom_attributes: { page_url: 'b' } }) },
    ],
    [
      'truncate addresses',
      { ip: 'truncate' },
      { ip: '203.0.113.77', user_attributes: { ip: '203.0.113.77' } },
      { ip: '203.0.113.0', user_attributes: { ip: '203.0.113.77' } },
    ],
    [
      'drop addresses and places that were looked up by them',
      { ip: 'drop' },
      { ip: '203.0.113.77', context: { location: { latitude: 1, location_source: 'ip_lookup' } } },
      { context: {} },
    ],
    [
      'drop the user agent',
      { user_agent: 'drop' },
      { device_info: { http_header_user_agent: 'Mozilla', platform: 'web' } },
      { device_info: { platform: 'web' } },
    ],
    [
      'take away what should be a map and is none',
      { drop: ['user_identities.email'] },
      { user_identities: '{"email":"a@b.c"}', user_attributes: 'x' },
      { user_identities: null, user_attributes: 'x' },
    ],
    [
      'hash the stamp of a device by both of its names',
      { hash: ['mp_deviceid'] },
      { mp_deviceid: 'd', data: { device_application_stamp: 'd' } },
      { mp_deviceid: hash('d'), data: { device_application_stamp: hash('d') } },
    ],
    [
      'hash the stamp of a device among identities',
      { hash: ['mp_deviceid'] },
      {
        user_identities: { device_application_stamp: 'd', email: 'a' },
        known_identities: { device_application_stamp: 'd' },
        ...event('user_identity_change', {
          new: { identity_type: 'device_application_stamp', identity: 'd' },
        }),
      },
      {
        user_identities: { device_application_stamp: hash('d'), email: 'a' },
        known_identities: { device_application_stamp: hash('d') },
        ...event('user_identity_change', {
          new: { identity_type: 'device_application_stamp', identity: hash('d') },
        }),
      },
    ],
    [
      'reach data that is a list',
      { drop: ['custom_attributes.card', 'events.page_url', 'user_attributes.phone'] },
      {
        events: [
          {
            event_type: 'custom_event',
            data: [{ custom_attributes: { card: '1', x: 2 }, page_url: 'a' }, [{ page_url: 'b' }]],
          },
          {
            event_type: 'user_attribute_change',
            data: [{ user_attribute_name: 'phone', new: '1' }],
          },
        ],
      },
      {
        events: [
          { event_type: 'custom_event', data: [{ custom_attributes: { x: 2 } }, [{}]] },
          { event_type: 'user_attribute_change', data: [{ user_attribute_name: 'phone' }] },
        ],
      },
    ],
    [
      'reach events within data',
      { drop: ['events.page_url'] },
      event('custom_event', [{ event_type: 'custom_event', data: { page_url: 'a' } }]),
      event('custom_event', [{ event_type: 'custom_event', data: {} }]),
    ],
    [
      'reach events without a type',
      { drop: ['events.page_url'] },
      { events: [{ data: { page_url: 'a', x: 1 } }, 1] },
      { events: [{ data: { x: 1 } }, 1] },
    ],
    [
      'take away data that is no map when they are about its fields',
      { drop: ['events.page_url'] },
      event('custom_event', '{"page_url":"a"}'),
      event('custom_event', null),
    ],
    [
      'reach addresses and agents in lists of what is known of a device, an app or an upload',
      { ip: 'drop', user_agent: 'drop' },
      {
        context: [{ ip: '203.0.113.77', x: 1 }, [{ ip: '203.0.113.77' }]],
        device_info: [{ http_header_user_agent: 'Mozilla', platform: 'web' }],
        application_info: [{ client_ip_address: '203.0.113.77' }],
        location: [{ latitude: 1, location_source: 'ip_lookup' }],
      },
      {
        context: [{ x: 1 }, [{}]],
        device_info: [{ platform: 'web' }],
        application_info: [{}],
      },
    ],
    [
      'reach both names and addresses in such lists',
      { ip: 'truncate', drop: ['context.trail'] },
      { context: [{ ip: '203.0.113.77', trail: 1 }] },
      { context: [{ ip: '203.0.113.0' }] },
    ],
  ])('%s', (_, given, body, expected) => {
    expect(govern(given, body)).toEqual(expected)
  })

  it('leave everything else of any batch untouched', () => {
    const given = {
      ip: 'truncate' as const,
      user_agent: 'drop' as const,
      hash: ['user_identities.no-such'],
      drop: ['device_info.no-such', 'custom_flags.no-such'],
    }
    // What is no map of a redacted root is taken away, and arbitrary batches may have it.
    const isPlain = (body: Json): boolean => !isObject(body) || isObject(body.user_identities ?? {})
    // Arbitrary names may be those of addresses and agents.
    const isRedacted = (text: string): boolean => /"[^"]*(?:ip|agent)[^"]*":/i.test(text)
    const property = fc.property(batchText, (text) => {
      const body = parseJson(text)
      fc.pre(isPlain(body) && !isRedacted(text))
      expect(govern(given, body)).toEqual(body)
    })
    fc.assert(property, { numRuns: 300 })
  })
})
