import { describe, expect, it } from 'vitest'
import {
  type AudienceSubscriptionRequest,
  type CustomEvent,
  type EventProcessingRequest,
  MessageError,
  MessageProcessor,
  type Received,
  RegistrationError,
  writeMessage,
} from '../../sdk/firehose'
import {
  dsrRequest,
  envelope,
  eventBase,
  eventRequest,
  events,
  readFixture,
  registrationRequest,
  subscriptionRequest,
} from './fixture'
import { Recorder } from './recorder'

const processed = async (message: string | object) => {
  const recorder = new Recorder()
  const response = await recorder.processMessage(message)
  return { ...recorder, response, calls: recorder.calls.filter((call) => !/ is done$/.test(call)) }
}

const eventHooks: Record<string, string> = {
  session_start: 'processSessionStartEvent',
  session_end: 'processSessionEndEvent',
  custom_event: 'processCustomEvent',
  screen_view: 'processScreenViewEvent',
  error: 'processErrorEvent',
  privacy_setting_change: 'processPrivacySettingChangeEvent',
  user_attribute_change: 'processUserAttributeChangeEvent',
  user_identity_change: 'processUserIdentityChangeEvent',
  push_subscription: 'processPushSubscriptionEvent',
  application_state_transition: 'processApplicationStateTransitionEvent',
  push_message_receipt: 'processPushMessageReceiptEvent',
  push_message_open: 'processPushMessageOpenEvent',
  product_action: 'processProductActionEvent',
  promotion_action: 'processPromotionActionEvent',
  impression: 'processImpressionEvent',
  attribution: 'processAttributionEvent',
}
const hooksOf = (types: string[]) => types.map((type) => eventHooks[type])

describe('a processor', () => {
  it.each([
    [
      'ModuleRegistrationRequest.json',
      'module_registration_response',
      ['processRegistrationRequest'],
    ],
    [
      'EventProcessingRequest_android.json',
      'event_processing_response',
      [
        'processEventProcessingRequest',
        'processGDPRConsentStateNotification',
        'processCCPAConsentStateNotification',
        'processCustomEvent',
        'processProductActionEvent',
      ],
    ],
    [
      'mapping/web.expected.json',
      'event_processing_response',
      [
        'processEventProcessingRequest',
        'processGDPRConsentStateNotification',
        ...hooksOf(['session_start', 'screen_view', 'custom_event', 'attribution']),
        ...hooksOf(['product_action', 'promotion_action', 'impression', 'error']),
        ...hooksOf(['privacy_setting_change', 'user_attribute_change', 'user_identity_change']),
        ...hooksOf(['session_end']),
      ],
    ],
    [
      'AudienceMembershipChangeRequest.json',
      'audience_membership_change_response',
      ['processAudienceMembershipChangeRequest'],
    ],
    [
      'AudienceMembershipChangeRequest_verification.json',
      'audience_membership_change_response',
      [],
    ],
  ])('answers %s with %s, calling its hooks in order', async (name, type, hooks) => {
    const { response, calls } = await processed(readFixture(name))
    expect(calls).toEqual(hooks)
    expect(response.type).toBe(type)
    expect(JSON.parse(writeMessage(response))).toMatchObject({ type, firehose_version: '3.2.0' })
  })

  it.each([
    [subscriptionRequest, ['processAudienceSubscriptionRequest']],
    [dsrRequest, ['processDsrProcessingRequest']],
    [eventRequest, ['processEventProcessingRequest']],
    [{ ...eventRequest, events: null }, ['processEventProcessingRequest']],
    [
      { type: 'audience_membership_change_request', user_profiles: [] },
      ['processAudienceMembershipChangeRequest'],
    ],
  ])('calls for %o just its hook', async (message, hooks) => {
    expect((await processed(message)).calls).toEqual(hooks)
  })

  it.each(events)('calls for an event of type $type its hook, with the event', async (event) => {
    const { calls, received } = await processed({ ...eventRequest, events: [event] })
    expect(calls[1]).toBe(eventHooks[event.type])
    expect(received[1]).toEqual(event)
  })

  it('hands on what it does not know, in its place', async () => {
    const known = { type: 'session_start', ...eventBase }
    const { calls, received } = await processed({
      ...eventRequest,
      events: [known, { type: 'party', guests: [1] }, known],
      system_notifications: [{ type: 'lgpd' }],
    })
    const hook = 'processSessionStartEvent'
    expect(calls.slice(1)).toEqual(['onUnknownNotification', hook, 'onUnknownEvent', hook])
    expect(received[3]).toEqual({ type: 'party', guests: [1] })
  })

  it('awaits each hook before it calls the next', async () => {
    const recorder = new Recorder()
    await recorder.processMessage(readFixture('EventProcessingRequest_android.json'))
    const [, ...calls] = recorder.calls.slice(0, -1)
    expect(calls.length).toBe(8)
    for (let i = 0; i < calls.length; i += 2) expect(calls[i + 1]).toBe(`${calls[i]} is done`)
  })

  it('leads from each event and notification to the request, unseen by JSON', async () => {
    const { received } = await processed(readFixture('EventProcessingRequest_android.json'))
    for (const item of received.slice(1)) {
      expect(item.request.account.getStringSetting('apiKey')).toBe('sample API Key')
      expect(JSON.stringify(item)).not.toContain('sample API Key')
    }
    expect(received.length).toBe(5)
  })

  it('leads to the request also from an event that has something of that name', async () => {
    const sent = { type: 'custom_event', ...eventBase, name: 'x', request: { id: 'its own' } }
    const { received } = await processed({ ...eventRequest, events: [sent] })
    const event = received.find((batch) => batch.type === 'custom_event')
    expect(event?.request.id).toBe(envelope.id)
    expect(JSON.parse(JSON.stringify(event))).not.toHaveProperty('request')
  })

  it('hands on a check for events, and answers one for audiences itself', async () => {
    const membership = 'audience_membership_change_request'
    expect((await processed({ ...eventRequest, events: [] })).calls).toEqual([
      'processEventProcessingRequest',
    ])
    expect((await processed({ ...envelope, type: membership })).calls).toEqual([])
  })

  it('stops at the first error, and throws it', async () => {
    const recorder = new Recorder()
    const failure = Error('broken')
    recorder.failures.processCCPAConsentStateNotification = failure
    const text = readFixture('EventProcessingRequest_android.json')
    await expect(recorder.processMessage(text)).rejects.toBe(failure)
    expect(recorder.calls.at(-1)).toBe('processCCPAConsentStateNotification')
  })

  it.each([
    'AudienceMembershipChangeResponse.json',
    'AudienceSubscriptionResponse.json',
    'DsrProcessingResponse.json',
    'EventProcessingResponse.json',
    'ModuleRegistrationResponse.json',
  ])('does not take %s', async (name) => {
    const recorder = new Recorder()
    await expect(recorder.processMessage(readFixture(name))).rejects.toThrow(MessageError)
    expect(recorder.calls).toEqual([])
  })

  it('answers with a new id, or with that of the request', async () => {
    const response = await new Recorder().processMessage(eventRequest)
    expect(response.id).not.toBe(envelope.id)
    expect(response.id).toMatch(/^[\da-f-]{36}$/)
    const same = await new Recorder({ echoRequestId: true }).processMessage(eventRequest)
    expect(same.id).toBe(envelope.id)
  })

  it('does not echo an id that is no UUID', async () => {
    const recorder = new Recorder({ echoRequestId: true })
    const response = await recorder.processMessage({ ...eventRequest, id: 'abc' })
    expect(() => writeMessage(response)).not.toThrow()
  })
})

class Acme extends MessageProcessor {
  processRegistrationRequest() {
    return { name: 'Acme', version: '1.0' }
  }
  override async processEventProcessingRequest(request: EventProcessingRequest) {
    await super.processEventProcessingRequest(request)
    return { suspend_subscription: true }
  }
  override processAudienceSubscriptionRequest({ audience_name }: AudienceSubscriptionRequest) {
    return { audience_subscription_settings: { list: audience_name } }
  }
  override processAudienceMembershipChangeRequest() {
    return { suspend_subscription: true }
  }
  override processCustomEvent(event: Received<CustomEvent>) {
    this.log(event.name, event.request.id)
  }
}

describe('a subclass', () => {
  it.each([
    [registrationRequest, { name: 'Acme', sdk_version: '3.2.0' }],
    [eventRequest, { suspend_subscription: true }],
    [subscriptionRequest, { audience_subscription_settings: { list: 'Buyers' } }],
    [
      { type: 'audience_membership_change_request', user_profiles: [] },
      { suspend_subscription: true },
    ],
    [{ type: 'audience_membership_change_request' }, { suspend_subscription: false }],
  ])('puts into the answer to %o what it has to say', async (message, expected) => {
    expect(JSON.parse(writeMessage(await new Acme().processMessage(message)))).toMatchObject(
      expected
    )
  })

  it('logs to the logger that was set', async () => {
    const lines: unknown[][] = []
    const acme = new Acme()
    acme.setLogger({ log: (...line) => lines.push(line) })
    const event = { type: 'custom_event', ...eventBase, name: 'Signed up' }
    await acme.processMessage({ ...eventRequest, events: [event] })
    expect(lines).toEqual([['Signed up', envelope.id]])
  })

  it('throws an error for a registration that platforms reject', async () => {
    class Nameless extends Acme {
      override processRegistrationRequest() {
        return { name: '', version: '1.0' }
      }
    }
    const answer = new Nameless().processMessage(registrationRequest)
    await expect(answer).rejects.toThrow(RegistrationError)
  })
})
