import { describe, expect, it } from 'vitest'
import { isObject, type JsonObject, parseJson, stringifyJson } from '../../../../worker/base/json'
import { isProbe, readBatch } from '../../../../worker/dialects/firehose/batch'
import android from '../../../fixtures/firehose/EventProcessingRequest_android.json'

const envelope = { type: 'event_processing_request', id: 'm-1', timestamp_ms: 5 }

const batchOf = (fields: object): JsonObject => {
  const message = parseJson(JSON.stringify({ ...envelope, events: [], ...fields }))
  if (!isObject(message)) throw new Error('Not a message.')
  return readBatch(message, 'Acme').batch
}

const raw = (type: string, value: string) => ({ type, encoding: 'raw', value })

describe('a message', () => {
  it('is known again by its id, and names the batch that it was made of', () => {
    expect(batchOf({ source_id: 'b-1' })).toMatchObject({
      source_request_id: 'm-1',
      source_id: 'b-1',
    })
    expect(batchOf({ source_id: 'm-1' })).not.toHaveProperty('source_id')
    expect(batchOf({ id: undefined, source_id: 'b-1' })).toMatchObject({ source_request_id: 'b-1' })
  })

  it.each<[string, object, object]>([
    ['timestamp_ms', {}, { timestamp_unixtime_ms: 5 }],
    ['mpid', { mpid: '-5227515829034156637' }, { mpid: '-5227515829034156637' }],
    ['device_application_stamp', { device_application_stamp: 'd' }, { mp_deviceid: 'd' }],
    ['source_channel', { source_channel: 'pixel' }, { source_info: { channel: 'pixel' } }],
    ['firehose_version', { firehose_version: '3.2.0' }, { firehose_version: '3.2.0' }],
    [
      'integration_attributes',
      { integration_attributes: { a: 'b' } },
      { integration_attributes: { Acme: { a: 'b' } } },
    ],
    [
      'user_attributes',
      { user_attributes: { a: '1', tag: null }, user_attribute_lists: { likes: ['tea'] } },
      { user_attributes: { a: '1', tag: null, likes: ['tea'] } },
    ],
    [
      'lists without attributes',
      { user_attribute_lists: { likes: ['tea'] } },
      { user_attributes: { likes: ['tea'] } },
    ],
    [
      'a list of the name of an attribute',
      { user_attributes: { a: '1' }, user_attribute_lists: { a: ['2'] } },
      { user_attributes: { a: '1' }, user_attribute_lists: { a: ['2'] } },
    ],
    [
      'consent_state',
      {
        consent_state: {
          gdpr_consent_state: { p: { consented: true } },
          ccpa_consent_state: { data_sale_opt_out: { consented: false } },
        },
      },
      {
        consent_state: {
          gdpr: { p: { consented: true } },
          ccpa: { data_sale_opt_out: { consented: false } },
        },
      },
    ],
    [
      'platform_fields',
      {
        platform_fields: {
          mp_account_id: 1,
          workspace_name: 'w',
          input_name: 'Feed',
          app_name: 'Shop',
          app_version: '1.2',
          dataplan_id: 'plan',
          dataplan_name: 'Plan',
          dataplan_version: 2,
        },
      },
      {
        application_info: { application_name: 'Shop', application_version: '1.2' },
        context: { data_plan: { plan_id: 'plan', plan_version: 2 } },
        platform_fields: {
          mp_account_id: 1,
          workspace_name: 'w',
          input_name: 'Feed',
          dataplan_name: 'Plan',
        },
      },
    ],
    [
      'an application that two tell differently',
      {
        platform_fields: { app_name: 'Shop' },
        runtime_environment: { type: 'ios', application_name: 'Shop for iOS' },
      },
      {
        application_info: { application_name: 'Shop for iOS' },
        platform_fields: { app_name: 'Shop' },
      },
    ],
    ['fields of tomorrow', { of_tomorrow: { deep: [1] } }, { of_tomorrow: { deep: [1] } }],
    ['an environment that is none', { runtime_environment: 'x' }, { runtime_environment: 'x' }],
  ])('keeps what it says: %s', (_, fields, expected) => {
    expect(batchOf(fields)).toMatchObject(expected)
  })

  it('keeps numbers to the last digit', () => {
    const text =
      '{"type":"event_processing_request","events":[],"of_tomorrow":12345678901234567.890}'
    const message = parseJson(text)
    if (!isObject(message)) throw new Error('Not a message.')
    expect(stringifyJson(readBatch(message, 'Acme').batch)).toContain('12345678901234567.890')
  })

  it('of labels without number passes as it came, and does not become many times as large', () => {
    const breadcrumbs = Array.from({ length: 60_000 }, () => '')
    const batch = batchOf({ events: [{ type: 'error', breadcrumbs }] })
    expect(batch.events).toEqual([{ event_type: 'error', data: { breadcrumbs } }])
  })
})

describe('notifications of consent', () => {
  it('are told as the batch has them', () => {
    const { batch, notifications } = readBatch(
      parseJson(JSON.stringify(android)) as JsonObject,
      'Acme'
    )
    const record = (regulation: string, consented: boolean) =>
      expect.objectContaining({ regulation, consented, document: 'document' })
    expect(notifications).toEqual([
      {
        type: 'gdpr_change',
        data: {
          purpose: 'consentPurpose',
          old: record('GDPR', false),
          current: record('GDPR', true),
        },
      },
      {
        type: 'ccpa_change',
        data: {
          purpose: 'data_sale_opt_out',
          old: record('CCPA', false),
          current: record('CCPA', true),
        },
      },
    ])
    expect(batch.system_notifications).toEqual(notifications)
  })

  it('of types that nobody knows stay as they came', () => {
    const strange = { type: 'of_tomorrow', purpose: 'p' }
    expect(batchOf({ system_notifications: [strange] }).system_notifications).toEqual([strange])
  })
})

describe('a message without events', () => {
  const isOne = (fields: object): boolean =>
    isProbe(readBatch(parseJson(JSON.stringify({ ...envelope, ...fields })) as JsonObject, 'Acme'))

  it.each([
    {},
    { events: [] },
    { events: null, user_attributes: {}, user_identities: [], consent_state: null },
    { events: [], mpid: '5', runtime_environment: { type: 'android' } },
  ])('is a probe when it tells nothing of a user: %j', (fields) => {
    expect(isOne(fields)).toBe(true)
  })

  it.each([
    { user_attributes: { a: '1' } },
    { user_attribute_lists: { a: ['1'] } },
    { user_identities: [raw('email', 'e')] },
    { user_identities: [{ type: 'email', encoding: 'md5', value: 'e' }] },
    { partner_identities: [raw('p', 'e')] },
    { consent_state: { gdpr_consent_state: { p: { consented: true } } } },
    { system_notifications: [{ type: 'gdpr_consent_state', purpose: 'p' }] },
    { integration_attributes: { a: 'b' } },
    { events: 'none' },
  ])('is data when it does: %j', (fields) => {
    expect(isOne(fields)).toBe(false)
  })
})
