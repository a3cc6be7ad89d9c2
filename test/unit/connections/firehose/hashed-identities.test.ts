import { describe, expect, it } from 'vitest'
import type { Encoding } from '../../../../sdk/firehose/names'
import type { Permissions } from '../../../../sdk/firehose/registration'
import { registration, requestOf } from '../../../support/firehose'

describe('an identity that came as a hash', () => {
  it('is sent unchanged where that hash is permitted', () => {
    const hex = { md5: 'a'.repeat(32), sha1: 'B'.repeat(40), sha256: 'c'.repeat(64) }
    const hash = (type: string, encoding: keyof typeof hex, value = hex[encoding]) => ({
      type,
      encoding,
      value,
    })
    const hashed_identities = [
      hash('customer_id', 'md5'),
      hash('customer_id', 'sha256'),
      hash('email', 'sha256'),
      hash('other_id_2', 'md5'),
      hash('other_id_3', 'md5', 'jane@example.com'),
      hash('other_id_4', 'md5', hex.sha256),
      hash('android_uuid', 'sha1'),
      hash('push_token', 'sha256'),
      hash('Acme_uid', 'md5'),
      hash('google', 'md5', undefined),
      { type: 'facebook', encoding: 'raw', value: hex.md5 },
      { type: 'twitter', encoding: 'rot13', value: hex.md5 },
      'text',
    ]
    const body = {
      events: [{ event_type: 'session_start' }],
      user_identities: { email: 'Jane@Example.com' },
      device_info: { platform: 'Android' },
      hashed_identities,
    }
    const permitted = <Type extends string>(type: Type, encoding: Encoding) => ({ type, encoding })
    const { user_identities, partner_identities, runtime_environment } = requestOf(
      body,
      registration({
        user_identities: [
          permitted('customer', 'sha256'),
          permitted('email', 'raw'),
          permitted('other2', 'raw'),
          permitted('other3', 'md5'),
          permitted('other4', 'md5'),
          permitted('facebook', 'raw'),
        ],
        device_identities: [
          permitted('android_id', 'sha1'),
          permitted('google_cloud_messaging_token', 'sha256'),
          permitted('apple_push_notification_token', 'sha256'),
        ],
        partner_identities: [permitted('Acme_uid', 'md5')],
      })
    )
    expect(user_identities).toEqual([
      { type: 'email', encoding: 'raw', value: 'Jane@Example.com' },
      hash('customer', 'sha256'),
    ])
    expect(runtime_environment.identities).toEqual([
      hash('android_id', 'sha1'),
      hash('google_cloud_messaging_token', 'sha256'),
    ])
    expect(partner_identities).toEqual([hash('Acme_uid', 'md5')])
  })

  it('is no partner’s where it is of a user or device', () => {
    const value = 'a'.repeat(32)
    const types = ['email', 'push_token', 'android_uuid']
    const body = {
      events: [{ event_type: 'session_start' }],
      hashed_identities: types.map((type) => ({ type, encoding: 'md5', value })),
    }
    const partner_identities = types.map((type) => ({ type, encoding: 'md5' as const }))
    expect(requestOf(body, registration({ partner_identities }))).not.toHaveProperty(
      'partner_identities'
    )
  })

  it('is one that is required', () => {
    const body = {
      events: [{ event_type: 'session_start' }],
      hashed_identities: [{ type: 'email', encoding: 'md5', value: 'a'.repeat(32) }],
    }
    const permissions = (encoding: Encoding): Permissions => ({
      user_identities: [{ type: 'email', encoding, required: true }],
    })
    expect(requestOf(body, registration(permissions('md5'))).user_identities).toHaveLength(1)
    expect(() => requestOf(body, registration(permissions('sha1')))).toThrow('0 deliveries')
  })

  it('that changed is sent where that hash is permitted', () => {
    const side = (value: string) => ({ identity_type: 'email', encoding: 'md5', value })
    const data = { old: side('a'.repeat(32)), new: side('b'.repeat(32)) }
    const body = { events: [{ event_type: 'user_identity_change', data }] }
    const sent = (value: string) => [{ type: 'email', encoding: 'md5', value }]
    const permissions: Permissions = { user_identities: [{ type: 'email', encoding: 'md5' }] }
    expect(requestOf(body, registration(permissions)).events).toMatchObject([
      { added: sent('b'.repeat(32)), removed: sent('a'.repeat(32)) },
    ])
  })
})
