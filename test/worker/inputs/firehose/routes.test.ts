import { afterEach, describe, expect, it, vi } from 'vitest'
import { Profile } from '../../../../worker/partitions/profile'
import android from '../../../fixtures/firehose/EventProcessingRequest_android.json'
import registrationRequest from '../../../fixtures/firehose/ModuleRegistrationRequest.json'
import { inputOf } from '../../../support/events-api'
import { seedFeed, send } from '../../../support/firehose-feed'
import { androidMessage, eventOf, eventsOf, messageOf } from '../../../support/firehose-messages'
import { gate } from '../../../support/gate-client'
import {
  admin,
  expectBalance,
  linesIn,
  passFile,
  passWindow,
  put,
  type Seeded,
  s3Connection,
  status,
} from '../../../support/weir'
import { rejectedOf } from '../rejected'

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const delivered = async (seeded: Seeded) => {
  await passWindow()
  await passFile()
  expectBalance(await status(s3Connection(seeded)))
  return linesIn(seeded.bucket)
}

type Line = Record<string, unknown> & {
  events: { event_type: string; data: object }[]
  user_identities: { identity_type: string }[]
}

describe('the registration', () => {
  it('is told to anybody', async () => {
    await seedFeed()
    const answer = await send({ token: '' }, registrationRequest)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('application/json')
    const told = (await answer.json()) as Record<string, Record<string, unknown>>
    expect(told).toMatchObject({
      type: 'module_registration_response',
      name: 'Acme',
      permissions: { allow_access_mpid: true, allow_eventless_batches: true },
      event_processing_registration: { max_data_age_hours: -1, push_messaging_provider_id: 'Acme' },
      audience_processing_registration: {
        bulk_configuration: {
          bulk_forward_wait_for_messages: 100,
          bulk_forward_wait_in_minutes: 1,
        },
      },
      dsr_processing_registration: { supported_dsr_types: ['erasure'], domain: 'weir.test' },
    })
    expect(told.event_processing_registration?.supported_event_types).toHaveLength(16)
    expect(told.permissions?.user_identities).toHaveLength(20)
    expect(JSON.stringify(told)).not.toMatch(/md5|sha/)
  })

  it('has the name of the first input that is enabled, else weir', async () => {
    const nameOf = async () =>
      ((await (await send({ token: '' }, registrationRequest)).json()) as { name: string }).name
    const firehose = { token: 'another-token', module_name: 'Second' }
    const input = (id: string, fields: object) => ({ id, firehose: { ...firehose, ...fields } })
    const inputs = [
      { ...input('first', { module_name: 'First', token: 'first-token' }), enabled: false },
      input('second', {}),
    ]
    await put('/workspace?discard=true', { inputs })
    expect(await nameOf()).toBe('Second')
    await put('/workspace?discard=true', { inputs: [{ id: 'web', key: 'some-key' }] })
    expect(await nameOf()).toBe('weir')
  })
})

describe('events', () => {
  it('of the SDK’s own example arrive with all that they say but the account’s settings', async () => {
    const seeded = await seedFeed({
      s3: { include_consent_state: true, include_mp_deviceid: true },
    })
    const message = androidMessage()
    const answer = await send(seeded, message)
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({
      type: 'event_processing_response',
      firehose_version: '3.2.0',
    })
    const lines = (await delivered(seeded)) as Line[]
    expect(lines.flatMap((one) => one.events)).toHaveLength(2)
    expect(JSON.stringify(lines)).not.toContain('sample API Key')
    expect(lines[0]).toMatchObject({
      mpid: message.mpid,
      mp_deviceid: android.device_application_stamp,
      environment: 'production',
      ip: '192.168.1.15',
      sdk_version: '6.12.1',
      source_info: { channel: 'native' },
      source_request_id: message.id,
      source_id: android.source_id,
      account: { account_id: 123456 },
      user_attributes: android.user_attributes,
      partner_identities: { a_partner_id: 'partnerId' },
      device_info: {
        platform: 'Android',
        device: 'My Galaxy S3',
        android_uuid: 'a0504a8cfa15ce2c',
        push_token: '1234567890',
        timezone_name: 'UTC-5',
        http_header_user_agent: 'user-agent',
      },
      application_info: { package: 'com.mparticle.TravelApp', application_version: '1.2.001-dbg' },
      consent_state: { gdpr: { consentPurpose: { consented: true } } },
      hashed_identities: [
        { type: 'email', encoding: 'md5' },
        { type: 'customer_id', encoding: 'md5' },
      ],
    })
    expect(lines[0]?.events[0]).toMatchObject({
      event_type: 'custom_event',
      data: {
        event_name: 'customEvent',
        session_id: '123456789',
        timestamp_unixtime_ms: '1714592744066',
        custom_attributes: { event_attribute: 'value' },
        custom_flags: { 'ModuleA.flagA': 'value1', 'ModuleB.flagB': 'value2' },
        location: { latitude: 47.6062, longitude: 122.3231 },
      },
    })
    const types = lines[0]?.user_identities.map((one) => one.identity_type)
    expect(types?.sort()).toEqual(['facebook', 'google', 'other'])
  })

  it('tell of consents what the platform knew before', async () => {
    const seeded = await seedFeed()
    await send(seeded, androidMessage())
    const [line] = await delivered(seeded)
    expect(line?.system_notifications).toMatchObject([
      { type: 'gdpr_change', data: { purpose: 'consentPurpose', old: { consented: false } } },
      { type: 'ccpa_change', data: { old: { consented: false, regulation: 'CCPA' } } },
    ])
    expect(line?.system_notifications).toHaveLength(2)
  })

  it('reach a queue, too', async () => {
    const seeded = await seedFeed({ s3: false, sqs: {} })
    await send(seeded, androidMessage())
    await passWindow()
    await passFile()
    const bodies = (await gate.messages(seeded.queue)).map((one) => JSON.parse(one.body))
    const types = bodies.flatMap(({ events }: Line) => events.map((one) => one.event_type))
    expect(types.sort()).toEqual(['commerce_event', 'custom_event'])
  })

  it('are taken once, however often their message comes', async () => {
    const seeded = await seedFeed()
    const message = androidMessage({ events: [eventOf('session_start')] })
    for (let i = 0; i < 3; i++) expect((await send(seeded, message)).status).toBe(200)
    expect((await delivered(seeded)).flatMap((one) => (one as Line).events)).toHaveLength(1)
  })

  it('of a development build say so', async () => {
    const seeded = await seedFeed()
    const runtime_environment = { type: 'ios', is_debug: true }
    await send(seeded, androidMessage({ runtime_environment }))
    expect((await delivered(seeded))[0]).toMatchObject({ environment: 'development' })
  })

  it('find the user of their identities when they do not name an mpid', async () => {
    const seeded = await seedFeed()
    const user_identities = [
      { type: 'customer', encoding: 'raw', value: `c-${crypto.randomUUID()}` },
    ]
    for (let i = 0; i < 2; i++) {
      await send(seeded, eventsOf([eventOf('session_start')], { user_identities }))
    }
    const mpids = new Set((await delivered(seeded)).map((one) => one.mpid))
    expect([...mpids]).toEqual([expect.stringMatching(/^\d+$/)])
  })

  it('keep sessions of 64 bits to the last digit', async () => {
    const seeded = await seedFeed()
    const text = JSON.stringify(androidMessage()).replaceAll(
      '"session_id":123456789',
      '"session_id":-1096377938905861812'
    )
    await send(seeded, text)
    const [line] = (await delivered(seeded)) as Line[]
    expect(line?.events[0]?.data).toMatchObject({ session_id: '-1096377938905861812' })
  })

  it('that are none are kept as rejected without the account; the others arrive', async () => {
    const seeded = await seedFeed()
    const events = [eventOf('session_start'), 'strange', eventOf('session_end')]
    expect((await send(seeded, androidMessage({ events }))).status).toBe(200)
    const [rejected] = await rejectedOf(inputOf(seeded), 1)
    expect(rejected?.problems[0]?.path).toBe('events.1')
    expect(rejected?.payload).toContain('strange')
    expect(rejected?.payload).not.toContain('sample API Key')
    const [line] = (await delivered(seeded)) as Line[]
    expect(line?.events.map((one) => one.event_type)).toEqual(['session_start', 'session_end'])
  })
})

describe('a message that tells nothing', () => {
  it.each([
    ['event_processing_request', { events: [] }],
    ['event_processing_request', { events: null, runtime_environment: { type: 'ios' }, mpid: '5' }],
    ['event_processing_request', {}],
    ['audience_membership_change_request', {}],
    ['audience_membership_change_request', { user_profiles: null }],
    ['audience_membership_change_request', { user_profiles: [] }],
    ['audience_subscription_request', { audience_id: 5, audience_name: 'a', action: 'add' }],
  ])('%s with %j is answered and not stored', async (type, fields) => {
    const seeded = await seedFeed()
    const uploads = vi.spyOn(Profile.prototype, 'upload')
    const answer = await send(seeded, messageOf(type, fields))
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ type: type.replace('request', 'response') })
    expect(uploads).not.toHaveBeenCalled()
  })

  it('but of its user is stored', async () => {
    const seeded = await seedFeed({ s3: { send_batches_without_events: true } })
    const mpid = '991'
    await send(seeded, eventsOf([], { mpid, user_attributes: { plan: 'pro' } }))
    const profile = await (await admin(`/profiles/${mpid}`)).json()
    expect(profile).toMatchObject({ attributes: { plan: 'pro' } })
    expect(await delivered(seeded)).toMatchObject([{ mpid, user_attributes: { plan: 'pro' } }])
  })
})
