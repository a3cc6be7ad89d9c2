import { describe, expect, it } from 'vitest'
import type { Permissions } from '../../../../sdk/firehose/registration'
import type { Trigger } from '../../../../worker/audiences/trigger'
import {
  applyFirehoseTrigger,
  audienceNumber,
} from '../../../../worker/connections/firehose/membership'
import { factsOf, registration } from '../../../support/firehose'
import { at_ms, trigger } from '../../../support/triggers'

type Events = 'both' | 'enters' | 'exits'

const applied = (
  permissions: Permissions = {},
  changed: Partial<Trigger> = {},
  audience_events: Events = 'both'
) =>
  applyFirehoseTrigger(
    { ...trigger, ...changed },
    {
      audience_events,
      firehose: factsOf(registration(permissions)),
      audiences: { vip: 'Very Important', lapsed: 'Lapsed Customers' },
    },
    { id: 'd-1', mpid: '-77', connection: 'told', audiences: ['lapsed', 'vip', 'unnamed'] }
  )

const profileOf = (...args: Parameters<typeof applied>) => {
  const [delivery] = applied(...args).deliveries
  return JSON.parse(delivery!.text)
}

const lapsed = {
  audience_id: audienceNumber('lapsed'),
  audience_name: 'Lapsed Customers',
  action: 'delete',
}
const vip = { audience_id: audienceNumber('vip'), audience_name: 'Very Important', action: 'add' }

describe('a change of audiences', () => {
  it('is one profile with the changes of the connection’s audiences, in its order', () => {
    expect(applied()).toEqual({
      deliveries: [{ id: 'd-1', mpid: '-77', lane: '', events: 2, text: expect.any(String) }],
      accepted: 2,
      filtered: {},
    })
    expect(profileOf()).toEqual({ audiences: [lapsed, vip] })
  })

  it('has what the integration is permitted to know of the user', () => {
    const permissions: Permissions = {
      user_identities: [
        { type: 'customer', encoding: 'raw' },
        { type: 'google', encoding: 'raw' },
      ],
      allow_access_mpid: true,
    }
    expect(profileOf(permissions)).toEqual({
      user_identities: [{ type: 'customer', encoding: 'raw', value: 'c-1' }],
      audiences: [lapsed, vip],
      mpid: '-77',
    })
  })

  it('has the user’s attributes with who enters, where they are permitted', () => {
    const attributes = {
      plan: 'pro',
      age: 42,
      tags: ['a', 7, null],
      tag: null,
      in: { a: 1 },
      '': 'x',
    }
    const profile = profileOf({ allow_audience_user_attributes: true }, { attributes })
    expect(profile.audiences).toEqual([
      lapsed,
      {
        ...vip,
        user_attributes: [
          { key: 'plan', action: 'upsert', value: 'pro' },
          { key: 'age', action: 'upsert', value: '42' },
          { key: 'tags', action: 'upsert', list_value: ['a', '7'] },
          { key: 'tag', action: 'upsert' },
          { key: 'in', action: 'upsert', value: '{"a":1}' },
        ],
      },
    ])
    expect(profileOf({ allow_user_attributes: true }, { attributes })).toEqual({
      audiences: [lapsed, vip],
    })
  })

  it.each<[Events, object[]]>([
    ['enters', [vip]],
    ['exits', [lapsed]],
  ])('is sent as far as %s are wanted, and the rest is counted', (events, audiences) => {
    expect(profileOf({}, {}, events).audiences).toEqual(audiences)
    expect(applied({}, {}, events)).toMatchObject({
      accepted: 2,
      filtered: { audience_events: 1 },
      deliveries: [{ events: 1 }],
    })
    expect(applied({}, { changes: trigger.changes.slice(0, 1) }, 'exits')).toEqual({
      deliveries: [],
      accepted: 1,
      filtered: { audience_events: 1 },
    })
  })

  it('of a user without a required identity is counted, not sent', () => {
    const permissions: Permissions = {
      user_identities: [{ type: 'google', encoding: 'raw', required: true }],
    }
    expect(applied(permissions)).toEqual({
      deliveries: [],
      accepted: 2,
      filtered: { required_identities: 2 },
    })
    expect(applied(permissions, { identities: { google: 'g' } }).deliveries).toHaveLength(1)
  })

  it.each<[what: string, changed: Partial<Trigger>]>([
    ['of audiences that the connection does not select', { changes: trigger.changes.slice(2) }],
    ['for another connection alone', { only: 'other' }],
    ['of members who were there when the audience was created', { silent: true }],
  ])('%s is not sent, and not counted', (_, changed) => {
    expect(applied({}, changed)).toEqual({ deliveries: [], accepted: 0, filtered: {} })
  })

  it('of an audience without a name has its slug for one', () => {
    const changes = [
      { audience: 'unnamed', slug: 'no_name', event: 'enter' as const, enter_ms: at_ms },
    ]
    expect(profileOf({}, { changes }).audiences).toMatchObject([{ audience_name: 'no_name' }])
  })

  it('that is too large loses attributes, never changes', () => {
    const attributes = { long: 'x'.repeat(1_500_000) }
    expect(profileOf({ allow_audience_user_attributes: true }, { attributes })).toEqual({
      audiences: [lapsed, vip],
    })
    const identities = { email: 'x'.repeat(1_500_000) }
    const permissions: Permissions = { user_identities: [{ type: 'email', encoding: 'raw' }] }
    expect(applied(permissions, { identities }).deliveries).toMatchObject([
      { events: 2, unsendable: expect.stringContaining('1500000') },
    ])
  })
})

describe('the number of an audience', () => {
  it('is the same at every version of weir', () => {
    expect(['vip', 'lapsed', ''].map(audienceNumber)).toEqual([228080937, 793339557, 1108414866])
  })

  it('is positive, of 31 bits, and another for another id', () => {
    const numbers = Array.from({ length: 2000 }, (_, i) => audienceNumber(`audience-${i}`))
    expect(
      numbers.every((number) => Number.isInteger(number) && number > 0 && number < 2 ** 31)
    ).toBe(true)
    expect(new Set(numbers).size).toBe(numbers.length)
  })
})
