import { describe, expect, it } from 'vitest'
import { type Json, parseJson } from '../../../../../worker/base/json'
import {
  askRegistration,
  readRegistration,
} from '../../../../../worker/outputs/firehose/registration/ask'
import sample from '../../../../fixtures/firehose/ModuleRegistrationResponse.json'
import { gate } from '../../../../support/gate-client'

const { id: _, timestamp_ms, firehose_version, type, ...described } = sample
const event = 'event_processing_registration'
const audience = 'audience_processing_registration'
const least = { name: 'Partner', version: '1', [event]: {} }
const nothingToSend = `${event} names no event types: no event will be sent.`

/** Reads a registration with these parts beside what it needs. */
const readWith = (parts: object) => {
  const read = readRegistration(parseJson(JSON.stringify({ ...least, ...parts })))
  if (Array.isArray(read)) return { problems: read.map((one) => one.message), warnings: [] }
  const { registration, warnings } = read
  return { registration, warnings: warnings.filter((one) => one !== nothingToSend) }
}

describe('a registration', () => {
  it('is read as the SDK writes it', () => {
    const read = readRegistration(parseJson(JSON.stringify(sample)))
    expect(read).toEqual({
      registration: described,
      warnings: [`${audience}.authentication differs from that of events, which is used for both.`],
    })
  })

  it.each<[Json]>([[null], ['text'], [[]], [5]])('that is %j is none', (value) => {
    expect(readRegistration(value)).toMatchObject([{ path: '' }])
  })

  it('keeps what other types of JSON mean', () => {
    const { registration } = readWith({
      name: 5,
      version: 1.5,
      permissions: { allow_access_mpid: 'True', allow_consent_state: 'false' },
      [event]: { max_data_age_hours: '720', push_messaging_provider_id: 7 },
    })
    expect(registration).toEqual({
      name: '5',
      version: '1.5',
      permissions: { allow_access_mpid: true },
      [event]: { max_data_age_hours: 720, push_messaging_provider_id: '7' },
    })
  })

  it('has neither what it sets to nothing nor what nobody knows', () => {
    const { registration, warnings } = readWith({
      description: '',
      extra: { deep: true },
      permissions: { user_identities: [], partner_identities: null, allow_location: true },
      [event]: { account_settings: [], supported_event_types: [], later: 1 },
      [audience]: null,
    })
    expect(registration).toEqual({ name: 'Partner', version: '1', permissions: {}, [event]: {} })
    expect(warnings).toEqual([])
  })

  it('asks for audiences with an empty bulk configuration', () => {
    const { registration } = readWith({ [audience]: { bulk_configuration: {} } })
    expect(registration).toMatchObject({ [audience]: { bulk_configuration: {} } })
  })

  const text = { type: 'text', id: 'a', name: 'A' }
  const settings = (...list: object[]) => ({ [event]: { account_settings: list } })
  const at = `${event}.account_settings.0`
  const hashedSubjects = {
    permissions: { user_identities: [{ type: 'email', encoding: 'sha256' }] },
    dsr_processing_registration: { supported_dsr_types: ['erasure'], domain: 'partner.example' },
  }

  it.each<[what: string, parts: object, read: object, warning: string]>([
    [
      'an event type',
      { [event]: { supported_event_types: ['error', 'teleport', 'error'] } },
      { [event]: { supported_event_types: ['error'] } },
      `${event}.supported_event_types.1 is teleport, which is unknown.`,
    ],
    [
      'a runtime environment',
      { [event]: { supported_runtime_environments: ['ios', 'fridge'] } },
      { [event]: { supported_runtime_environments: ['ios'] } },
      `${event}.supported_runtime_environments.1 is fridge, which is unknown.`,
    ],
    [
      'a notification type',
      { [event]: { supported_system_notification_types: ['lgpd_consent_state'] } },
      { [event]: {} },
      `${event}.supported_system_notification_types.0 is lgpd_consent_state, which is unknown.`,
    ],
    [
      'an identity that is not required',
      { permissions: { user_identities: [{ type: 'fax', encoding: 'raw', required: false }] } },
      { permissions: {} },
      'permissions.user_identities.0.type is fax, which is unknown and was ignored.',
    ],
    [
      'a list that is none',
      { permissions: { device_identities: 'all' } },
      { permissions: {} },
      'permissions.device_identities is no list and was ignored.',
    ],
    [
      'a section that is none',
      { [audience]: true },
      { name: 'Partner' },
      `${audience} is no object and was ignored.`,
    ],
    [
      'the type of a setting',
      settings({ ...text, type: 'colour', default_value: 'red', required: true }),
      settings({ ...text, default_value: 'red', required: true }),
      `${at}.type is colour, which is unknown and taken for text.`,
    ],
    [
      'the name of a setting',
      settings({ type: 'text', id: 'a' }),
      settings({ ...text, name: 'a' }),
      `${at}.name is missing; the setting is called a.`,
    ],
    [
      'a default that is no number',
      settings({ ...text, type: 'integer', default_value: 1.5, min_value: '0' }),
      settings({ ...text, type: 'integer', min_value: 0 }),
      `${at}.default_value is 1.5, no integer, and was ignored.`,
    ],
    [
      'a default that a number can hold',
      settings({ ...text, type: 'integer', default_value: '9007199254740993', max_value: 2e18 }),
      settings({ ...text, type: 'integer', max_value: 2e18 }),
      `${at}.default_value is 9007199254740993, more than a number can hold, and was ignored.`,
    ],
    [
      'an identity to erase by that is raw',
      hashedSubjects,
      hashedSubjects,
      'permissions have no raw identity that data subject requests know: no such request will be sent.',
    ],
    [
      'an age that is none',
      { [event]: { max_data_age_hours: 'a day' } },
      { [event]: {} },
      `${event}.max_data_age_hours is a day, no whole number, and was ignored.`,
    ],
    [
      'a count of messages below none',
      { [audience]: { bulk_configuration: { bulk_forward_wait_for_messages: -5 } } },
      { [audience]: { bulk_configuration: {} } },
      `${audience}.bulk_configuration.bulk_forward_wait_for_messages is -5 and was ignored.`,
    ],
    [
      'a partner identity’s usual name',
      { permissions: { partner_identities: [{ type: 'partnerIdentity', encoding: 'raw' }] } },
      { permissions: { partner_identities: [{ type: 'partnerIdentity', encoding: 'raw' }] } },
      'permissions.partner_identities.0.type is partnerIdentity, where PartnerName_IdentityName is usual.',
    ],
    [
      'the brevity of a description',
      { description: 'x'.repeat(230) },
      { description: 'x'.repeat(230) },
      'description has more than 229 characters.',
    ],
  ])('is warned of where it lacks %s', (_what, parts, read, warning) => {
    const { registration, warnings } = readWith(parts)
    expect(registration).toEqual({ ...least, ...read })
    expect(warnings).toEqual([warning])
  })

  it('may erase by one raw identity, whatever the others are', () => {
    const device_identities = [{ type: 'ios_vendor_id', encoding: 'raw' }]
    const permissions = { ...hashedSubjects.permissions, device_identities }
    expect(readWith({ ...hashedSubjects, permissions })).toMatchObject({ warnings: [] })
  })

  it('keeps a default of as many digits as a number can hold', () => {
    const setting = { ...text, type: 'integer', default_value: Number.MAX_SAFE_INTEGER }
    expect(readWith(settings(setting))).toMatchObject({
      registration: settings(setting),
      warnings: [],
    })
  })

  it.each(['mParticle_mpid', '$cookie_sync_id'])('may ask for %s', (name) => {
    const permissions = { partner_identities: [{ type: name, encoding: 'raw' }] }
    expect(readWith({ permissions })).toMatchObject({ registration: { permissions }, warnings: [] })
  })

  it.each<[what: string, parts: object, problem: string]>([
    [
      'an unknown encoding',
      { permissions: { user_identities: [{ type: 'email', encoding: 'rot13' }] } },
      'permissions.user_identities.0.encoding is rot13: it must be raw, md5, sha1, sha256.',
    ],
    [
      'no encoding',
      { permissions: { partner_identities: [{ type: 'a_b' }] } },
      'permissions.partner_identities.0.encoding is nothing: it must be raw, md5, sha1, sha256.',
    ],
    [
      'an unknown identity that is required',
      { permissions: { device_identities: [{ type: 'imei', encoding: 'raw', required: true }] } },
      'permissions.device_identities.0.type is imei, which is unknown, and is required.',
    ],
    [
      'a setting without an id',
      settings({ type: 'text', name: 'A' }),
      `${at}.id is missing: the setting’s value could not be sent.`,
    ],
    [
      'unknown runtime environments only',
      { [event]: { supported_runtime_environments: ['fridge'] } },
      `${event}.supported_runtime_environments has none that is known.`,
    ],
    [
      'another authentication',
      { [event]: { authentication: { type: 'basic' } } },
      `${event}.authentication.type is basic: only oauth2 is known.`,
    ],
    [
      'an unknown grant',
      { [event]: { authentication: { type: 'oauth2', grant_type: 'password' } } },
      `${event}.authentication.grant_type is password: it must be authorization_code or client_credentials.`,
    ],
    [
      'an unknown kind of token',
      { [audience]: { authentication: { type: 'oauth2', access_token_type: 'mac' } } },
      `${audience}.authentication.access_token_type is mac: it must be bearer or custom_header.`,
    ],
  ])('with %s cannot be read', (_, parts, message) => {
    expect(readWith(parts).problems).toEqual([message])
  })

  it('keeps settings of all types', () => {
    const list = [
      { ...text, default_value: 'd', visible: false, required: true, confidential: false },
      { type: 'integer', id: 'b', name: 'B', default_value: 1, min_value: 0, max_value: 9 },
      { type: 'float', id: 'c', name: 'C', default_value: 0.5, required: true },
      { type: 'boolean', id: 'd', name: 'D', default_value: false, checked: true },
    ]
    expect(readWith(settings(...list))).toMatchObject({
      registration: settings(...list),
      warnings: [],
    })
  })
})

describe('an integration that is asked to register', () => {
  const ask = { id: '11111111-2222-4333-8444-555555555555', nowMs: 1_700_000_000_000 }
  const askFor = async (name: string, script: Parameters<typeof integrationOf>[1]) => {
    const integration = await integrationOf(name, script)
    const urls = { registration: integration.url, events: '', audiences: '' }
    const endpoint = { kind: 'http' as const, urls }
    return {
      integration,
      answer: await askRegistration(endpoint, { ...ask, allowsCustomEndpoints: true }),
    }
  }
  const integrationOf = async (
    name: string,
    script: Parameters<ReturnType<typeof gate.integration>['script']>[0]
  ) => {
    const integration = gate.integration(`register-${name}`)
    await integration.script(script)
    return integration
  }

  it('gets the request and is known by its answer', async () => {
    const { integration, answer } = await askFor('well', { registration: least })
    expect(answer).toEqual({ ok: true, registration: least, warnings: [nothingToSend] })
    const [received] = await integration.messages()
    expect(JSON.parse(received?.message ?? '')).toEqual({
      type: 'module_registration_request',
      id: ask.id,
      timestamp_ms: ask.nowMs,
      firehose_version: '3.2.0',
    })
  })

  it('may be behind a token that is not known yet', async () => {
    const { answer } = await askFor('guarded', { registration: least, token: 'unknown' })
    expect(answer).toMatchObject({ ok: true })
  })

  it.each([
    ['silence', { body: '' }, 'HTTP 200 with a body that is no module_registration_response'],
    ['another message', { body: '{"type":"x"}' }, '{"type":"x"}'],
    ['a failure', { status: 500, body: 'Oops' }, 'HTTP 500 Oops'],
    ['a refusal', { status: 403, body: 'No' }, 'HTTP 403 No'],
  ])('and answers with %s is not known', async (name, scripted, reason) => {
    const { answer } = await askFor(name.replaceAll(' ', '-'), { answers: [scripted] })
    expect(answer).toEqual({
      ok: false,
      problems: [
        {
          code: 'no_registration',
          path: '',
          message: expect.stringMatching(/^The integration did not register: /),
        },
      ],
    })
    expect(JSON.stringify(answer)).toContain(JSON.stringify(reason).slice(1, -1))
  })

  it('hears of all that cannot be honoured at once', async () => {
    const registration = {
      version: '1',
      permissions: { user_identities: [{ type: 'email', encoding: 'rot13' }] },
      [event]: { max_data_age_hours: -2 },
    }
    const { answer } = await askFor('badly', { registration })
    const paths = 'problems' in answer ? answer.problems.map((one) => one.path) : []
    expect(paths).toEqual([
      'permissions.user_identities.0.encoding',
      'name',
      `${event}.max_data_age_hours`,
    ])
  })
})
