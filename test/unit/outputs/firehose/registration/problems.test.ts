import { describe, expect, it } from 'vitest'
import type {
  EventRegistration,
  OAuth2Authentication,
  Permissions,
  Registration,
  Setting,
} from '../../../../../sdk/firehose/registration'
import { registrationProblems } from '../../../../../worker/outputs/firehose/registration/problems'

const strict = { allowsCustomEndpoints: false }
const valid: Registration = { name: 'Partner', version: '1', event_processing_registration: {} }

const pathsOf = (parts: Partial<Registration>, allowed = strict): string[] =>
  registrationProblems({ ...valid, ...parts }, allowed).map((one) => one.path)

const event = 'event_processing_registration'
const audience = 'audience_processing_registration'
const dsr = 'dsr_processing_registration'

const events = (registration: EventRegistration) => ({ [event]: registration })
const email = { type: 'email', encoding: 'sha256' } as const
const erasing = { supported_dsr_types: ['erasure' as const] }
const text = { type: 'text', id: 'a', name: 'A' } as const
const hidden = { ...text, required: true, visible: false } as const

describe('a registration', () => {
  it('says what is wrong in sentences', () => {
    expect(registrationProblems({ ...valid, name: '' }, strict)).toEqual([
      { code: 'invalid_registration', path: 'name', message: 'name is missing.' },
    ])
  })

  it.each<[what: string, parts: Partial<Registration>, paths: string[]]>([
    ['as little as it may', {}, []],
    ['no name', { name: '' }, ['name']],
    ['no version', { version: '' }, ['version']],
    ['neither', { name: '', version: '' }, ['name', 'version']],
    ['data requests that erase', { permissions: { user_identities: [email] }, [dsr]: erasing }, []],
    [
      'data requests of no type',
      { permissions: { user_identities: [email] }, [dsr]: {} },
      [`${dsr}.supported_dsr_types`],
    ],
    ['data requests without an identity', { [dsr]: erasing }, ['permissions']],
    [
      'data requests with an identity that they do not know',
      {
        permissions: {
          user_identities: [{ type: 'facebook', encoding: 'raw' }],
          device_identities: [{ type: 'apple_push_notification_token', encoding: 'raw' }],
        },
        [dsr]: erasing,
      },
      ['permissions'],
    ],
    [
      'data requests with a device',
      {
        permissions: { device_identities: [{ type: 'roku_publisher_id', encoding: 'raw' }] },
        [dsr]: erasing,
      },
      [],
    ],
    ['any age', events({ max_data_age_hours: -1 }), []],
    ['no age', events({ max_data_age_hours: 0 }), []],
    ['an age below', events({ max_data_age_hours: -2 }), [`${event}.max_data_age_hours`]],
    [
      'receipts of push messages without their key',
      events({ supported_event_types: ['push_message_receipt'] }),
      [`${event}.push_messaging_provider_id`],
    ],
    [
      'opened push messages without their key',
      events({ supported_event_types: ['push_message_open'] }),
      [`${event}.push_messaging_provider_id`],
    ],
    [
      'push messages with their key',
      events({
        supported_event_types: ['push_message_receipt', 'push_message_open'],
        push_messaging_provider_id: 'partner',
      }),
      [],
    ],
    ['push subscriptions', events({ supported_event_types: ['push_subscription'] }), []],
  ])('with %s has problems at %j', (_, parts, paths) => {
    expect(pathsOf(parts)).toEqual(paths)
  })

  it.each([
    [0, []],
    [1, []],
    [2, ['permissions.partner_identities']],
  ])('has at most one partner identity, not %i', (count, paths) => {
    const list = Array.from({ length: count }, (_, i) => ({ ...email, type: `a_${i}` }))
    const permissions: Permissions = { partner_identities: list }
    expect(pathsOf({ permissions })).toEqual(paths)
  })

  it.each([
    ['user_identities', 'email'],
    ['device_identities', 'ios_vendor_id'],
  ])('permits each of the %s in one encoding', (list, type) => {
    const permissions: Permissions = {
      [list]: [
        { type, encoding: 'raw' },
        { type: 'other', encoding: 'raw' },
        { type, encoding: 'sha256' },
        { type, encoding: 'raw' },
      ],
    }
    expect(pathsOf({ permissions })).toEqual([
      `permissions.${list}.2.type`,
      `permissions.${list}.3.type`,
    ])
  })

  it('that wants nothing is of no use', () => {
    expect(registrationProblems({ name: 'P', version: '1' }, strict)).toMatchObject([{ path: '' }])
  })
})

describe('the settings of a registration', () => {
  const lists = [
    [`${event}.account_settings`, (list: Setting[]) => events({ account_settings: list })],
    [
      `${event}.event_connection_settings`,
      (list: Setting[]) => events({ event_connection_settings: list }),
    ],
    [
      `${audience}.account_settings`,
      (list: Setting[]) => ({ [audience]: { account_settings: list } }),
    ],
    [
      `${dsr}.account_settings`,
      (list: Setting[]) => ({
        permissions: { user_identities: [email] },
        [dsr]: { ...erasing, account_settings: list },
      }),
    ],
    [
      `${audience}.audience_subscription_settings`,
      (list: Setting[]) => ({ [audience]: { audience_subscription_settings: list } }),
    ],
  ] as const

  it.each(lists)('in %s have ids of their own and sound ranges', (path, parts) => {
    const range = { type: 'integer', id: 'b', name: 'B', min_value: 5, max_value: 4 } as const
    expect(pathsOf(parts([text, text, range]))).toEqual([`${path}.1.id`, `${path}.2.min_value`])
    expect(pathsOf(parts([text, { ...range, max_value: 5 }]))).toEqual([])
  })

  it.each(lists.slice(0, 4))('in %s can be filled in by somebody', (path, parts) => {
    expect(pathsOf(parts([hidden]))).toEqual([`${path}.0`])
    expect(pathsOf(parts([{ ...hidden, default_value: 'd' }]))).toEqual([])
    expect(pathsOf(parts([{ ...hidden, visible: true }]))).toEqual([])
    expect(pathsOf(parts([{ ...hidden, required: false }]))).toEqual([])
  })

  it.each(lists.slice(4))('in %s are filled in by the integration where hidden', (_, parts) => {
    expect(pathsOf(parts([hidden]))).toEqual([])
  })
})

describe('the authentication of a registration', () => {
  const sound: OAuth2Authentication = {
    type: 'oauth2',
    authorization_url: 'https://partner.example/authorize',
    token_url: 'https://partner.example/token',
  }
  const credentials = { grant_type: 'client_credentials' as const, authorization_url: '' }
  const custom = { access_token_type: 'custom_header' as const }

  it.each<[Partial<OAuth2Authentication>, string[]]>([
    [{}, []],
    [{ refresh_url: 'https://partner.example/refresh' }, []],
    [{ authorization_url: '' }, ['authorization_url']],
    [credentials, []],
    [{ ...credentials, token_url: '' }, ['token_url']],
    [{ token_url: 'http://partner.example/token' }, ['token_url']],
    [{ token_url: 'TOKEN_URL' }, ['token_url']],
    [{ token_url: 'https://user:word@partner.example' }, ['token_url']],
    [{ refresh_url: 'javascript:alert(1)' }, ['refresh_url']],
    [{ ...custom, custom_header_name: 'X-Access-Token' }, []],
    [custom, ['custom_header_name']],
    [{ ...custom, custom_header_name: '' }, ['custom_header_name']],
    [{ ...custom, custom_header_name: 'X Token' }, ['custom_header_name']],
    [{ ...custom, custom_header_name: 'X:Token' }, ['custom_header_name']],
    [{ ...custom, custom_header_name: 'Host' }, ['custom_header_name']],
    [{ ...custom, custom_header_name: 'content-type' }, ['custom_header_name']],
    [{ custom_header_name: 'X Token' }, []],
  ])('with %j has problems at %j', (parts, fields) => {
    const authentication = { ...sound, ...parts }
    const paths = fields.map((field) => `${event}.authentication.${field}`)
    expect(pathsOf(events({ authentication }))).toEqual(paths)
    expect(pathsOf({ [audience]: { authentication } })).toEqual(
      fields.map((field) => `${audience}.authentication.${field}`)
    )
  })

  it('may be of http where custom endpoints are allowed', () => {
    const authentication = { ...sound, token_url: 'http://127.0.0.1:1/token' }
    expect(pathsOf(events({ authentication }), { allowsCustomEndpoints: true })).toEqual([])
  })
})
