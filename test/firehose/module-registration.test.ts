import { describe, expect, it } from 'vitest'
import {
  booleanSetting,
  floatSetting,
  integerSetting,
  moduleRegistration,
  type OAuth2Authentication,
  type Registration,
  RegistrationError,
  raw,
  sha256,
  textSetting,
  writeMessage,
} from '../../sdk/firehose'
import { envelope, parseFixture } from './fixture'

const minimal: Registration = { name: 'Acme', version: '1.0' }
const apiKey = textSetting({ id: 'apiKey', name: 'API key' })
const hidden = textSetting({ id: 'a', name: 'A', visible: false, required: true })
const oauth: OAuth2Authentication = {
  type: 'oauth2',
  authorization_url: 'https://acme.example/authorize',
  token_url: 'https://acme.example/token',
  client_id: 'weir',
}
const dsr = { supported_dsr_types: ['erasure'], domain: 'acme.example' }

/** As a program without types might call it. */
const problemsOf = (registration: object): string[] => {
  try {
    moduleRegistration({ ...minimal, ...registration } as Registration)
    return []
  } catch (error) {
    if (!(error instanceof RegistrationError)) throw error
    return error.problems.map(({ path }) => path)
  }
}

const events = (fields: object) => ({ event_processing_registration: fields })
const audiences = (fields: object) => ({ audience_processing_registration: fields })
const eventPaths = (...paths: string[]) =>
  paths.map((path) => `event_processing_registration.${path}`)
const audiencePaths = (...paths: string[]) =>
  paths.map((path) => `audience_processing_registration.${path}`)

describe('moduleRegistration', () => {
  it('fills in what the Java SDK writes', () => {
    const url = (part: string, name: string) => `TEST_${part}${name}`
    const authentication = (part: string): OAuth2Authentication => ({
      type: 'oauth2',
      authorization_url: url(part, 'AUTHORIZATION_URL'),
      refresh_url: url(part, 'REFRESH_URL'),
      token_url: url(part, 'TOKEN_URL'),
      grant_type: 'authorization_code',
      default_expires_in: 2000,
      client_id: url(part, 'CLIENT_ID'),
      access_token_type: 'custom_header',
      custom_header_name: url(part, 'CUSTOMER_HEADER_NAME'),
      param_client_id_name: url(part, 'PARAM_CLIENT_ID_NAME'),
      param_secret_name: url(part, 'PARAM_SECRET_NAME'),
      scopes: [{ name: url(part, 'SCOPE_NAME_1'), description: url(part, 'SCOPE_DESCRIPTION_1') }],
    })
    const account_settings = [
      textSetting({
        id: 'apiKey',
        name: 'API Key',
        description: 'Secret key to use the API, provided by your account manager',
        required: true,
        confidential: true,
      }),
      textSetting({
        id: 'customerId',
        name: 'Customer ID',
        description: 'Internal customer ID, provided by your account manager',
        required: true,
      }),
    ]
    const registration = moduleRegistration({
      name: 'Your Company Name',
      description:
        "A description of your <a href=''>company</a> and services. Inline HTML markup is permitted.",
      version: '1.0',
      permissions: {
        device_identities: [
          raw('ios_advertising_id', { required: true }),
          raw('google_advertising_id', { required: true }),
        ],
        user_identities: [sha256('email')],
        partner_identities: [raw('partner_id')],
        allow_consent_state: true,
        allow_access_mpid: true,
        allow_user_attributes: false,
      },
      event_processing_registration: {
        account_settings,
        supported_event_types: ['custom_event', 'session_start', 'session_end'],
        supported_runtime_environments: ['ios', 'android'],
        supported_system_notification_types: ['gdpr_consent_state'],
        authentication: authentication('EVENT_'),
      },
      audience_processing_registration: {
        account_settings,
        authentication: authentication(''),
        bulk_configuration: { bulk_forward_wait_for_messages: 4, bulk_forward_wait_in_minutes: 30 },
        audience_subscription_settings: [
          booleanSetting({
            id: 'audienceType',
            name: 'Suppression Audience',
            description: 'If enabled, this audience will be used for suppression.',
          }),
        ],
      },
      dsr_processing_registration: {
        account_settings: [
          textSetting({
            id: 'webhookUrl',
            name: 'Webhook URL',
            description: 'The url of your integration.',
            required: true,
          }),
        ],
        supported_dsr_types: ['erasure'],
        domain: 'TEST_DOMAIN',
      },
    })
    const { id, timestamp_ms, ...expected } = parseFixture('ModuleRegistrationResponse.json')
    const text = writeMessage({
      ...envelope,
      type: 'module_registration_response',
      ...registration,
    })
    expect({ ...JSON.parse(text), ...{ id, timestamp_ms } }).toEqual({
      ...expected,
      id,
      timestamp_ms,
    })
  })

  it.each<[string, object]>([
    ['nothing but name and version', {}],
    ['229 characters of description', { description: 'x'.repeat(229) }],
    ['data of any age', events({ max_data_age_hours: -1 })],
    [
      'push events with the provider',
      events({
        supported_event_types: ['push_message_receipt'],
        push_messaging_provider_id: 'Acme',
      }),
    ],
    ['one partner identity', { permissions: { partner_identities: [raw('$cookie_sync_id')] } }],
    [
      'a hidden setting that is optional',
      events({ account_settings: [{ ...hidden, required: false }] }),
    ],
    [
      'a hidden setting that the integration supplies',
      audiences({ audience_subscription_settings: [hidden] }),
    ],
    [
      'the same setting for events and audiences',
      { ...events({ account_settings: [apiKey] }), ...audiences({ account_settings: [apiKey] }) },
    ],
    ['no wish about bulks', audiences({ bulk_configuration: {} })],
    [
      'client credentials without a client',
      events({
        authentication: { ...oauth, grant_type: 'client_credentials', client_id: undefined },
      }),
    ],
    [
      'erasures of a known identity',
      { permissions: { device_identities: [raw('android_id')] }, dsr_processing_registration: dsr },
    ],
  ])('takes %s', (_, registration) => {
    expect(problemsOf(registration)).toEqual([])
  })

  it.each<[string, object, string[]]>([
    ['no name', { name: '' }, ['name']],
    ['no version', { version: undefined }, ['version']],
    ['a version that is no text', { version: 1 }, ['version']],
    ['a description of 230 characters', { description: '<b>'.padEnd(230) }, ['description']],
    ['an unknown field', { colour: 'red' }, ['colour']],
    ['an unknown permission', { permissions: { allow_all: true } }, ['permissions.allow_all']],
    [
      'an unknown identity',
      { permissions: { user_identities: [raw('customer_id')] } },
      ['permissions.user_identities.0.type'],
    ],
    [
      'a device identity among those of users',
      { permissions: { user_identities: [raw('android_id')] } },
      ['permissions.user_identities.0.type'],
    ],
    [
      'an unknown encoding',
      { permissions: { device_identities: [{ type: 'android_id', encoding: 'SHA256' }] } },
      ['permissions.device_identities.0.encoding'],
    ],
    [
      'an identity twice',
      { permissions: { user_identities: [raw('email'), sha256('email')] } },
      ['permissions.user_identities.1.type'],
    ],
    [
      'two partner identities',
      { permissions: { partner_identities: [raw('Acme_a'), raw('Acme_b')] } },
      ['permissions.partner_identities'],
    ],
    [
      'a partner identity without a name',
      { permissions: { partner_identities: [raw('')] } },
      ['permissions.partner_identities.0.type'],
    ],
    [
      'an unknown event type',
      events({ supported_event_types: ['CUSTOM_EVENT'] }),
      eventPaths('supported_event_types.0'),
    ],
    [
      'an unknown environment',
      events({ supported_runtime_environments: ['ios', 'web'] }),
      eventPaths('supported_runtime_environments.1'),
    ],
    [
      'an unknown notification',
      events({ supported_system_notification_types: ['lgpd'] }),
      eventPaths('supported_system_notification_types.0'),
    ],
    [
      'an age that is no integer of 32 bits',
      events({ max_data_age_hours: 2 ** 31 }),
      eventPaths('max_data_age_hours'),
    ],
    ['an age of none', events({ max_data_age_hours: 0 }), eventPaths('max_data_age_hours')],
    ['an age below -1', events({ max_data_age_hours: -2 }), eventPaths('max_data_age_hours')],
    [
      'push receipts without a provider',
      events({ supported_event_types: ['push_message_receipt'] }),
      eventPaths('push_messaging_provider_id'),
    ],
    [
      'push opens with an empty provider',
      events({ supported_event_types: ['push_message_open'], push_messaging_provider_id: '' }),
      eventPaths('push_messaging_provider_id'),
    ],
    [
      'a setting without an id',
      events({ account_settings: [{ ...apiKey, id: '' }] }),
      eventPaths('account_settings.0.id'),
    ],
    [
      'a setting without a name',
      events({ event_connection_settings: [{ type: 'text', id: 'a' }] }),
      eventPaths('event_connection_settings.0.name'),
    ],
    [
      'a setting of an unknown type',
      events({ account_settings: [{ ...apiKey, type: 'date' }] }),
      eventPaths('account_settings.0.type'),
    ],
    [
      'a setting twice',
      events({ account_settings: [apiKey, apiKey] }),
      eventPaths('account_settings.1.id'),
    ],
    [
      'a confidential number',
      events({ account_settings: [{ type: 'integer', id: 'a', name: 'A', confidential: true }] }),
      eventPaths('account_settings.0.confidential'),
    ],
    [
      'a required switch',
      audiences({ account_settings: [{ type: 'boolean', id: 'a', name: 'A', required: true }] }),
      audiencePaths('account_settings.0.required'),
    ],
    [
      'a required setting that is not visible',
      events({ account_settings: [hidden] }),
      eventPaths('account_settings.0.required'),
    ],
    [
      'such a one for erasures',
      {
        permissions: { user_identities: [raw('email')] },
        dsr_processing_registration: { ...dsr, account_settings: [hidden] },
      },
      ['dsr_processing_registration.account_settings.0.required'],
    ],
    [
      'a fraction for an integer',
      events({ account_settings: [integerSetting({ id: 'a', name: 'A', default_value: 1.5 })] }),
      eventPaths('account_settings.0.default_value'),
    ],
    [
      'a range the wrong way round',
      events({
        account_settings: [floatSetting({ id: 'a', name: 'A', min_value: 2, max_value: 1 })],
      }),
      eventPaths('account_settings.0.min_value'),
    ],
    [
      'a default out of range',
      events({
        account_settings: [floatSetting({ id: 'a', name: 'A', min_value: 2, default_value: 1.5 })],
      }),
      eventPaths('account_settings.0.default_value'),
    ],
    [
      'a default of the wrong type',
      events({ account_settings: [{ ...apiKey, default_value: true }] }),
      eventPaths('account_settings.0.default_value'),
    ],
    [
      'a number of messages that is no integer of 32 bits',
      audiences({ bulk_configuration: { bulk_forward_wait_for_messages: 2 ** 31 } }),
      audiencePaths('bulk_configuration.bulk_forward_wait_for_messages'),
    ],
    [
      'a wait of no minutes',
      audiences({ bulk_configuration: { bulk_forward_wait_in_minutes: 0 } }),
      audiencePaths('bulk_configuration.bulk_forward_wait_in_minutes'),
    ],
    [
      'OAuth without addresses',
      events({ authentication: { type: 'oauth2', client_id: 'x' } }),
      eventPaths('authentication.authorization_url', 'authentication.token_url'),
    ],
    [
      'another kind of authentication',
      events({ authentication: { ...oauth, type: 'basic' } }),
      eventPaths('authentication.type'),
    ],
    [
      'an unknown grant',
      audiences({ authentication: { ...oauth, grant_type: 'password' } }),
      audiencePaths('authentication.grant_type'),
    ],
    [
      'OAuth without a client',
      events({ authentication: { ...oauth, client_id: undefined } }),
      eventPaths('authentication.client_id'),
    ],
    [
      'a token in a header without a name',
      events({ authentication: { ...oauth, access_token_type: 'custom_header' } }),
      eventPaths('authentication.custom_header_name'),
    ],
    [
      'a scope without a description',
      events({ authentication: { ...oauth, scopes: [{ name: 'a' }] } }),
      eventPaths('authentication.scopes.0.description'),
    ],
    [
      'a token that never lives',
      events({ authentication: { ...oauth, default_expires_in: 0 } }),
      eventPaths('authentication.default_expires_in'),
    ],
    [
      'erasures without a domain',
      {
        permissions: { user_identities: [raw('email')] },
        dsr_processing_registration: { ...dsr, domain: undefined },
      },
      ['dsr_processing_registration.domain'],
    ],
    [
      'erasures of no kind',
      {
        permissions: { user_identities: [raw('email')] },
        dsr_processing_registration: { ...dsr, supported_dsr_types: [] },
      },
      ['dsr_processing_registration.supported_dsr_types'],
    ],
    [
      'erasures of an unknown kind',
      {
        permissions: { user_identities: [raw('email')] },
        dsr_processing_registration: { ...dsr, supported_dsr_types: ['access'] },
      },
      ['dsr_processing_registration.supported_dsr_types.0'],
    ],
    [
      'erasures without an identity to know a user by',
      { permissions: { user_identities: [raw('customer')] }, dsr_processing_registration: dsr },
      ['permissions'],
    ],
    [
      'authentication of erasures',
      {
        permissions: { user_identities: [raw('email')] },
        dsr_processing_registration: { ...dsr, authentication: oauth },
      },
      ['dsr_processing_registration.authentication'],
    ],
    [
      'parts that are no objects',
      {
        permissions: [],
        ...events({ account_settings: {}, supported_event_types: 'all', authentication: 1 }),
      },
      ['permissions', ...eventPaths('account_settings', 'supported_event_types', 'authentication')],
    ],
    [
      'items that are no objects',
      { permissions: { user_identities: ['email'] }, ...audiences({ account_settings: [null] }) },
      ['permissions.user_identities.0', ...audiencePaths('account_settings.0.type')],
    ],
  ])('refuses %s', (_, registration, paths) => {
    expect(problemsOf(registration)).toEqual(paths)
  })

  it('tells all problems at once, in its message too', () => {
    const wrong = {
      name: '',
      description: 'x'.repeat(230),
      permissions: { partner_identities: [raw('a'), raw('b')] },
      dsr_processing_registration: {},
    }
    expect(problemsOf(wrong)).toEqual([
      'name',
      'description',
      'permissions.partner_identities',
      'dsr_processing_registration.domain',
      'dsr_processing_registration.supported_dsr_types',
      'permissions',
    ])
    expect(() => moduleRegistration({ ...minimal, ...wrong } as Registration)).toThrow(
      /^name is required; description must .*; permissions must have one of /
    )
  })
})
