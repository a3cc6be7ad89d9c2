import { describe, expect, it } from 'vitest'
import { applyFirehoseTrigger } from '../../../../worker/connections/firehose/membership'
import {
  audiencesVerification,
  eventsVerification,
  membershipRequest,
  registrationRequest,
  withAccount,
} from '../../../../worker/connections/firehose/requests'
import android from '../../../fixtures/firehose/EventProcessingRequest_android.json'
import expected from '../../../fixtures/firehose/mapping/web.expected.json'
import {
  type EventRequest,
  everything,
  factsOf,
  registration,
  requestOf,
} from '../../../support/firehose'
import { requestViolations, schemaViolations } from '../../../support/firehose-schemas'
import { day } from '../../../support/rich-batch'
import { trigger } from '../../../support/triggers'

const id = '1317071d-3342-4e1e-a691-84bd7e762bda'
const account = { account_id: 123456, account_settings: { apiKey: 'k' } }
const asSent = (text: string) => JSON.parse(withAccount(text, account))

describe('the published schemas', () => {
  it('take the published requests', () => {
    expect(requestViolations(android as unknown as EventRequest)).toEqual([])
    expect(requestViolations(expected as unknown as EventRequest)).toEqual([])
  })

  it.each<[string, (request: EventRequest) => void, string]>([
    ['a missing field', (request) => delete request.id, '.id is missing'],
    ['an unknown field', (request) => (request.batch_id = 1), '.batch_id is not known'],
    [
      'a wrong type',
      (request) => (request.timestamp_ms = '5'),
      '.timestamp_ms is string, not integer',
    ],
    [
      'an unknown word',
      (request) => (request.events[0]!.type = 'dance'),
      '.events.0.type is dance',
    ],
    [
      'a field of the classes',
      (request) => (request.events[0]!.request = {}),
      '.events.0.request is sent',
    ],
    [
      'a list in a map of text',
      (request) => (request.user_attributes = { a: ['b'] }),
      '.user_attributes.a is array, not string',
    ],
    [
      'an unknown field of an event',
      (request) => (request.events[1]!.event_num = 1),
      '.events.1.event_num is not known',
    ],
  ])('find %s', (_, change, violation) => {
    const request = structuredClone(expected) as unknown as EventRequest
    change(request)
    expect(requestViolations(request)).toContain(violation)
  })

  const platforms = ['web', 'Android', 'iOS', 'tvOS', 'roku', 'xbox', 'fire_tv', 'desktop']

  it.each(platforms)('take what a day brings, on %s', (platform) => {
    for (const { body } of Object.values(day)) {
      const device_info = { ...body.device_info, platform }
      const request = requestOf({ ...body, device_info }, registration(everything))
      const sent = { ...request, account: { account_id: 1 } }
      expect(requestViolations(sent)).toEqual([])
    }
  })

  it('take membership changes, and the questions', () => {
    const settings = {
      audience_events: 'both' as const,
      firehose: factsOf(registration(everything)),
      audiences: {},
    }
    const context = { id: 'd', mpid: '7', connection: 'told', audiences: ['vip', 'lapsed'] }
    const { deliveries } = applyFirehoseTrigger(trigger, settings, context)
    const profiles = deliveries.map(({ text }) => text)
    const facts = { id, timestamp_ms: 5, subscriptionSettings: {} }
    const name = 'AudienceMembershipChangeRequest'
    expect(profiles).toHaveLength(1)
    expect(schemaViolations(JSON.parse(profiles[0]!), 'UserProfile')).toEqual([])
    expect(schemaViolations(asSent(membershipRequest(profiles, facts)), name)).toEqual([])
    expect(schemaViolations(asSent(audiencesVerification(id, 5)), name)).toEqual([])
    expect(requestViolations(asSent(eventsVerification(id, 5)))).toEqual([])
    const registering = JSON.parse(registrationRequest(id, 5))
    expect(schemaViolations(registering, 'ModuleRegistrationRequest')).toEqual([])
  })
})
