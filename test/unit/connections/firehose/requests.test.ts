import { describe, expect, it } from 'vitest'
import {
  audiencesVerification,
  eventsVerification,
  membershipRequest,
  registrationRequest,
  subscriptionRequest,
  withAccount,
} from '../../../../worker/connections/firehose/requests'

const id = '1317071d-3342-4e1e-a691-84bd7e762bda'
const envelope = { id, timestamp_ms: 5, firehose_version: '3.2.0' }
const facts = { id, timestamp_ms: 5 }

describe('a question', () => {
  it('for the registration is the envelope alone', () => {
    expect(JSON.parse(registrationRequest(id, 5))).toEqual({
      type: 'module_registration_request',
      ...envelope,
    })
  })

  it('that checks for events has an empty list of events', () => {
    expect(JSON.parse(eventsVerification(id, 5))).toEqual({
      type: 'event_processing_request',
      ...envelope,
      runtime_environment: { type: 'unknown' },
      events: [],
    })
  })

  it('whether audiences are taken has no profiles, not even an empty list', () => {
    expect(JSON.parse(audiencesVerification(id, 5))).toEqual({
      type: 'audience_membership_change_request',
      ...envelope,
    })
  })
})

describe('a request of membership changes', () => {
  const profiles = [
    { mpid: '1', audiences: [{ audience_id: 7, audience_name: 'a', action: 'add' }] },
    { mpid: '-1096377938905861812', audiences: [{ audience_id: 8 }, { audience_id: 9 }] },
  ]

  it('has every profile, each audience with its settings', () => {
    const subscriptionSettings = { '7': { list: 'x' }, '8': {} }
    const text = membershipRequest(
      profiles.map((profile) => JSON.stringify(profile)),
      { ...facts, subscriptionSettings }
    )
    expect(JSON.parse(text)).toEqual({
      type: 'audience_membership_change_request',
      ...envelope,
      user_profiles: [
        {
          mpid: '1',
          audiences: [
            {
              audience_id: 7,
              audience_name: 'a',
              action: 'add',
              audience_subscription_settings: { list: 'x' },
            },
          ],
        },
        profiles[1],
      ],
    })
  })
})

describe('a request of a subscription', () => {
  it.each(['add', 'update', 'remove'] as const)(
    'tells what became of the audience: %s',
    (action) => {
      const text = subscriptionRequest({
        ...facts,
        action,
        audience_id: 7,
        audience_name: 'Very Important',
        settings: { list: 'new' },
        ...(action === 'update' ? { previous: { list: 'old' } } : {}),
      })
      expect(JSON.parse(text)).toEqual({
        type: 'audience_subscription_request',
        ...envelope,
        action,
        audience_id: 7,
        audience_name: 'Very Important',
        audience_subscription_settings: { list: 'new' },
        ...(action === 'update'
          ? { previous_audience_subscription_settings: { list: 'old' } }
          : {}),
      })
    }
  )

  it('without settings has no empty ones', () => {
    const addition = { ...facts, action: 'add' as const, audience_id: 7, audience_name: 'a' }
    expect(JSON.parse(subscriptionRequest({ ...addition, settings: {}, previous: {} }))).toEqual({
      type: 'audience_subscription_request',
      ...envelope,
      action: 'add',
      audience_id: 7,
      audience_name: 'a',
    })
  })
})

it('an account goes before all else, whatever its settings hold', () => {
  const account = { account_id: 123456, account_settings: { key: 'a"}\u2028', none: null } }
  const text = '{"type":"event_processing_request","n":-1096377938905861812}'
  const whole = withAccount(text, account)
  expect(JSON.parse(whole)).toMatchObject({ account, type: 'event_processing_request' })
  expect(whole).toContain('"n":-1096377938905861812')
})
