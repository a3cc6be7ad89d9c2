import { describe, expect, it } from 'vitest'
import { dsrIdentityTypes } from '../../../../sdk/firehose/names'
import type { Permissions } from '../../../../sdk/firehose/registration'
import type { JsonObject } from '../../../../worker/base/json'
import { dsrRequest } from '../../../../worker/connections/firehose/dsr-request'
import { registration } from '../../../support/firehose'

const subject_request_id = 'a7551968-d5d6-44b2-9831-815ac9017798'
const submitted_ms = Date.UTC(2026, 0, 2, 3, 4, 5, 6)

const permissions: Permissions = {
  user_identities: [
    { type: 'customer', encoding: 'raw' },
    { type: 'email', encoding: 'raw' },
    { type: 'other6', encoding: 'raw' },
  ],
  device_identities: [
    { type: 'android_id', encoding: 'raw' },
    { type: 'google_advertising_id', encoding: 'raw' },
    { type: 'fire_advertising_id', encoding: 'raw' },
    { type: 'ios_advertising_id', encoding: 'raw' },
    { type: 'ios_vendor_id', encoding: 'raw' },
    { type: 'microsoft_advertising_id', encoding: 'raw' },
    { type: 'microsoft_publisher_id', encoding: 'raw' },
    { type: 'roku_publisher_id', encoding: 'raw' },
    { type: 'roku_advertising_id', encoding: 'raw' },
    { type: 'apple_push_notification_token', encoding: 'raw' },
  ],
}

const requestFor = (identities: JsonObject, allowed: Permissions = permissions) => {
  const facts = {
    registration: registration(allowed),
    identities,
    submitted_ms,
    subject_request_id,
  }
  const request = dsrRequest(facts)
  return request && JSON.parse(request.text)
}

const identities = {
  customer_id: 'C-1',
  email: 'Jane@Example.com',
  other_id_6: 'o',
  android_uuid: 'a',
  android_advertising_id: 'b',
  fire_advertising_id: 'c',
  ios_advertising_id: 'd',
  ios_idfv: 'e',
  microsoft_advertising_id: 'f',
  microsoft_publisher_id: 'g',
  roku_publisher_id: 'h',
  roku_advertising_id: 'i',
  push_token: 'j',
}

const subjects = {
  controller_customer_id: 'C-1',
  android_advertising_id: 'b',
  android_id: 'a',
  email: 'Jane@Example.com',
  fire_advertising_id: 'c',
  ios_advertising_id: 'd',
  ios_vendor_id: 'e',
  microsoft_advertising_id: 'f',
  microsoft_publisher_id: 'g',
  roku_publisher_id: 'h',
  roku_advertising_id: 'i',
}

describe('a request to erase', () => {
  it('names the user by every identity that it can, as it is', () => {
    const raw = (value: string) => ({ encoding: 'raw', value })
    expect(requestFor(identities)).toEqual({
      type: 'dsr_processing_request',
      id: expect.stringMatching(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/),
      timestamp_ms: submitted_ms,
      firehose_version: '3.2.0',
      subject_request_id,
      subject_request_type: 'erasure',
      submitted_time: '2026-01-02T03:04:05.006Z',
      subject_identities: Object.fromEntries(
        Object.entries(subjects).map(([type, value]) => [type, raw(value)])
      ),
      api_version: '3.0',
      regulation: 'unknown',
    })
    expect(Object.keys(subjects)).toEqual([...dsrIdentityTypes])
  })

  it('has only what the integration may know', () => {
    const allowed: Permissions = { user_identities: [{ type: 'email', encoding: 'raw' }] }
    expect(Object.keys(requestFor(identities, allowed).subject_identities)).toEqual(['email'])
  })

  it.each<[string, JsonObject, Permissions]>([
    ['the user has none', {}, permissions],
    ['those of the user are empty', { email: '', customer_id: null }, permissions],
    ['none is permitted', identities, {}],
    [
      'those permitted are hashes',
      identities,
      {
        user_identities: [{ type: 'email', encoding: 'sha256' }],
        device_identities: [{ type: 'ios_vendor_id', encoding: 'md5' }],
      },
    ],
    ['those permitted are none to erase by', { other_id_6: 'o', push_token: 'j' }, permissions],
  ])('is none when there is no identity as %s', (_title, identities, allowed) => {
    expect(requestFor(identities, allowed)).toBeUndefined()
  })

  it('leaves out what may be known as a hash only', () => {
    const allowed: Permissions = {
      user_identities: [
        { type: 'email', encoding: 'sha256' },
        { type: 'customer', encoding: 'raw' },
      ],
    }
    expect(requestFor(identities, allowed).subject_identities).toEqual({
      controller_customer_id: { encoding: 'raw', value: 'C-1' },
    })
  })

  it.each([
    [submitted_ms + 0.5, '2026-01-02T03:04:05.006Z'],
    [-1, '1969-12-31T23:59:59.999Z'],
    [1714592744067000, '9999-12-31T23:59:59.999Z'],
    [1.7e21, '9999-12-31T23:59:59.999Z'],
    [Number.POSITIVE_INFINITY, '9999-12-31T23:59:59.999Z'],
    [Number.NEGATIVE_INFINITY, '0001-01-01T00:00:00.000Z'],
    [Number.NaN, '1970-01-01T00:00:00.000Z'],
  ])('submitted at %s is one of %s', (ms, submitted_time) => {
    const facts = { registration: registration(permissions), identities, subject_request_id }
    const request = dsrRequest({ ...facts, submitted_ms: ms })
    expect(JSON.parse(request?.text ?? '')).toMatchObject({
      submitted_time,
      timestamp_ms: Date.parse(submitted_time),
    })
  })

  it('knows other spellings, names the regulation, and repeats itself', () => {
    const facts = { registration: registration(permissions), submitted_ms, subject_request_id }
    const request = dsrRequest({ ...facts, identities: { customerid: 7 }, regulation: 'gdpr' })
    expect(JSON.parse(request!.text)).toMatchObject({
      regulation: 'gdpr',
      subject_identities: { controller_customer_id: { encoding: 'raw', value: '7' } },
    })
    expect(dsrRequest({ ...facts, identities: { customer_id: '7' }, regulation: 'gdpr' })).toEqual(
      request
    )
  })
})
