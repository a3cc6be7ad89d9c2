import { describe, expect, it } from 'vitest'
import { isObject, type Json, type JsonObject, parseJson } from '../../../../worker/base/json'
import { readSubjectRequest } from '../../../../worker/dialects/firehose/dsr'
import { readMembership } from '../../../../worker/dialects/firehose/membership'
import example from '../../../fixtures/firehose/AudienceMembershipChangeRequest.json'
import { messageOf, subjectRequest } from '../../../support/firehose-messages'

const parsed = (message: object): JsonObject => {
  const read = parseJson(JSON.stringify(message))
  if (!isObject(read)) throw new Error('Not a message.')
  return read
}

const memberships = (message: { user_profiles: unknown[] }) => {
  const read = parsed(message)
  return readMembership(read, Array.isArray(read.user_profiles) ? read.user_profiles : [])
}

describe('a membership change', () => {
  it('becomes an event of its user’s, who is told by what is raw', () => {
    const [only, ...more] = memberships(example).good
    expect(more).toEqual([])
    expect(only?.checked.batch).toMatchObject({
      mpid: '12345',
      source_request_id: `${example.id}/0`,
      partner_identities: { partner_id: 'partnerId' },
      device_info: {
        ios_advertising_id: '66b728c2-f9a4-4d87-82ef-ce07414fe3f7',
        android_uuid: 'a0504a8cfa15ce2c',
      },
      hashed_identities: [
        { type: 'email', encoding: 'md5', value: 'e179e95c00e7718ab4a23840f992ea63' },
        { type: 'customer_id', encoding: 'md5', value: '4739c5c11d833bb199c16ff95a92b267' },
      ],
    })
    expect(only?.checked.events).toEqual([
      {
        event_type: 'audience_membership_change',
        data: {
          timestamp_unixtime_ms: 1714592744065,
          audience_id: 456,
          audience_name: 'Example Audience Name',
          audience_subscription_settings: { 'Example Audience-specific setting': 'Example Value' },
          action: 'add',
        },
      },
      {
        event_type: 'audience_membership_change',
        data: {
          timestamp_unixtime_ms: 1714592744065,
          audience_id: 789,
          audience_name: 'Example Audience Name 2',
          audience_subscription_settings: {
            'Example Audience-specific setting': 'Example Value 2',
          },
          action: 'attribute_update',
          user_attributes: [
            { key: 'Some Key', value: '9999999', action: 'upsert' },
            { key: 'Churned', action: 'delete' },
          ],
        },
      },
      expect.objectContaining({ data: expect.objectContaining({ action: 'delete' }) }),
    ])
    expect(JSON.parse(only?.text ?? '')).toEqual(only?.checked.batch)
  })

  it.each<[unknown, string]>([
    ['text', 'user_profiles.1'],
    [null, 'user_profiles.1'],
    [{ audiences: 'none' }, 'user_profiles.1.audiences'],
    [{ audiences: [5] }, 'user_profiles.1.audiences.0'],
    [{ mpid: '5', audiences: [{ audience_name: 'x'.repeat(600_000) }] }, 'user_profiles.1'],
  ])('that is none is told, and its neighbours stay', (strange, path) => {
    const neighbour = { mpid: '7', audiences: [{ audience_id: 1, action: 'add' }] }
    const { good, bad } = memberships({
      ...example,
      user_profiles: [neighbour, strange, neighbour],
    })
    expect(good.map(({ checked }) => checked.batch.source_request_id)).toEqual([
      `${example.id}/0`,
      `${example.id}/2`,
    ])
    expect(bad.flatMap((one) => one.problems.map((problem) => problem.path))).toEqual([path])
  })

  it('of nobody, into nothing, is not stored', () => {
    expect(memberships({ ...example, user_profiles: [{}] })).toEqual({ good: [], bad: [] })
  })
})

describe('a data subject request', () => {
  const read = (message: object) => readSubjectRequest(parsed(message))

  it('is about the identities that it has, by their names in the batch', () => {
    const message = subjectRequest({
      controller_customer_id: 'c-1',
      email: 'a@example.org',
      android_advertising_id: 'gaid',
      android_id: 'aid',
      ios_vendor_id: 'idfv',
      other6: 'o',
      mpid: '55',
    })
    const request = read(message)
    expect(request).toMatchObject({
      type: 'erasure',
      id: message.subject_request_id,
      regulation: 'gdpr',
      mpid: '55',
    })
    expect(request.identities).toEqual({
      customer_id: 'c-1',
      email: 'a@example.org',
      android_advertising_id: 'gaid',
      android_uuid: 'aid',
      ios_idfv: 'idfv',
      other_id_6: 'o',
    })
    const { batch, events } = request.eventOf(['55', '66'])
    expect(batch).toMatchObject({
      user_identities: { customer_id: 'c-1', email: 'a@example.org', other_id_6: 'o' },
      device_info: { android_advertising_id: 'gaid', android_uuid: 'aid', ios_idfv: 'idfv' },
    })
    expect(events).toEqual([
      {
        event_type: 'dsr_request',
        data: {
          timestamp_unixtime_ms: message.timestamp_ms,
          source_message_id: message.id,
          subject_request_id: message.subject_request_id,
          subject_request_type: 'erasure',
          submitted_time: '2026-11-20T10:11:12Z',
          submitted_unixtime_ms: Date.UTC(2026, 10, 20, 10, 11, 12),
          regulation: 'gdpr',
          api_version: '3.0',
          mpids: ['55', '66'],
        },
      },
    ])
  })

  it('does not look for hashes', () => {
    const subject_identities = { email: { encoding: 'sha256', value: 'abc' } }
    const request = read(subjectRequest({}, { subject_identities }))
    expect(request.identities).toEqual({})
    expect(request.eventOf([]).batch).toMatchObject({
      hashed_identities: [{ type: 'email', encoding: 'sha256', value: 'abc' }],
    })
  })

  it.each<[string, number | undefined]>([
    ['"2024-05-01T19:45:44.067Z"', 1714592744067],
    ['"2024-05-01T21:45:44+02:00"', 1714592744000],
    ['1714592744.067235000', 1714592744067],
    ['1714592744', 1714592744000],
    ['"1714592744.067235000"', 1714592744067],
    ['1714592744067', 1714592744067],
    ['"1714592744067"', 1714592744067],
    ['99999999999', 99999999999000],
    ['100000000000', 100000000000],
    ['-1', -1000],
    ['1714592744067235000', undefined],
    ['1e300', undefined],
    ['1e400', undefined],
    ['"some day"', undefined],
    ['null', undefined],
  ])('submitted at %s was submitted at %s', (text, ms) => {
    const given = JSON.stringify({ ...subjectRequest({}), submitted_time: 0 })
    const message = parseJson(given.replace('"submitted_time":0', `"submitted_time":${text}`))
    const request = readSubjectRequest(message as Record<string, Json>)
    expect(request.submitted_ms).toBe(ms)
    expect(request.eventOf([]).events[0]?.data).toMatchObject(
      ms === undefined ? {} : { submitted_unixtime_ms: ms }
    )
  })

  it('without an id of its own is known by that of its message', () => {
    const message = messageOf('dsr_processing_request', { subject_request_type: 'erasure' })
    expect(read(message).id).toBe(message.id)
  })
})
