import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { clientOf, delivered, packed, seedApp } from '../../../support/mobile-app'
import { contextOf, mobileEvent } from '../../../support/mobile-event'
import { putEvents, readAnswer } from '../../../support/put-events'
import { accessKey } from '../../../support/signing'
import { admin, eventNames } from '../../../support/weir'
import { type RejectedList, rejectedOf } from '../rejected'

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const secondKey = { access_key_id: 'second-key', secret_access_key: 'second-secret' }

describe('an access key', () => {
  it('is one of several that an app may have, so that they can be changed', async () => {
    await seedApp({ access_keys: [accessKey, secondKey] })
    for (const key of [accessKey, secondKey]) {
      expect((await putEvents([mobileEvent('a')], { ...key, context: clientOf() })).status).toBe(
        202
      )
    }
  })

  it.each<[string, object, object, string]>([
    ['is of nobody', {}, { access_key_id: 'nobodys-key' }, 'UnrecognizedClientException'],
    ['is switched off', { enabled: false }, {}, 'UnrecognizedClientException'],
    ['has expired', { expires: '2020-01-31T00:00:00Z' }, {}, 'ExpiredTokenException'],
    [
      'comes with another secret',
      {},
      { secret_access_key: 'stolen-half' },
      'InvalidSignatureException',
    ],
    [
      'comes with an old request',
      {},
      { at: new Date(Date.now() - 3_600_000) },
      'InvalidSignatureException',
    ],
    [
      'comes with a request of tomorrow',
      {},
      { at: new Date(Date.now() + 86_400_000) },
      'InvalidSignatureException',
    ],
    ['signs for another service', {}, { service: 's3' }, 'InvalidSignatureException'],
    ['comes for another app', {}, { context: contextOf({}, 'other-app') }, 'AccessDeniedException'],
    [
      'is not there at all',
      {},
      { beside: { authorization: '' } },
      'MissingAuthenticationTokenException',
    ],
    [
      'comes half',
      {},
      { beside: { authorization: 'AWS4-HMAC-SHA256 Credential=demo' } },
      'IncompleteSignatureException',
    ],
  ])('that %s is refused', async (_what, key, given, type) => {
    const { bucket } = await seedApp({ access_keys: [{ ...accessKey, ...key }] })
    const answer = await putEvents([mobileEvent('a')], { context: clientOf(), ...given })
    expect(answer.headers.get('x-amzn-requestid')).toMatch(uuid)
    const told = await readAnswer(answer)
    expect(told).toMatchObject({ status: 403, type })
    expect(told.message).toMatch(/\.$/)
    expect(await delivered(bucket)).toEqual([])
  })

  it('that is refused is kept as rejected, with its input if it has one', async () => {
    const { key } = await seedApp({ access_keys: [accessKey, { ...secondKey, enabled: false }] })
    await putEvents([mobileEvent('a')], secondKey)
    await putEvents([mobileEvent('a')], { secret_access_key: 'wrong-secret' })
    await putEvents([mobileEvent('a')], { context: contextOf({}, 'other-app') })
    await putEvents([mobileEvent('a')], { access_key_id: 'nobodys-key' })
    const rejected = await rejectedOf(key.replace('key-', ''), 3)
    expect(rejected.map((one) => one.problems[0]?.code).sort()).toEqual([
      'access_denied',
      'invalid_signature',
      'unrecognized_client',
    ])
    const { rejected: all } = (await (await admin('/rejected?limit=200')).json()) as RejectedList
    expect(all.some((one) => one.input === '' && one.payload === '')).toBe(true)
  })

  it('is good until it expires', async () => {
    await seedApp({ access_keys: [{ ...accessKey, expires: '2999-01-31T00:00:00Z' }] })
    expect((await putEvents([mobileEvent('a')])).status).toBe(202)
  })

  it('of an input that is switched off is refused', async () => {
    await seedApp({}, { enabled: false })
    const answer = await putEvents([mobileEvent('a')])
    expect(await readAnswer(answer)).toMatchObject({
      status: 403,
      type: 'UnrecognizedClientException',
    })
  })

  it('is for the pages that the input allows', async () => {
    await seedApp({}, { allowed_origins: ['https://shop.example.org'] })
    const from = (origin: string) => putEvents([mobileEvent('a')], { beside: { origin } })
    expect((await from('https://shop.example.org')).status).toBe(202)
    const refused = await from('https://evil.example.org')
    expect(await readAnswer(refused)).toMatchObject({ status: 403, type: 'AccessDeniedException' })
  })
})

const good = JSON.stringify({ events: [mobileEvent('a')] })

describe('a request that cannot be understood', () => {
  const malformed = 'Client context is malformed or missing.'

  const bad: [string, Parameters<typeof putEvents>[1], string, string][] = [
    ['has no context', { context: '' }, malformed, 'invalid_context'],
    ['has a context that is no JSON', { context: '{client' }, malformed, 'invalid_context'],
    [
      'has a context without client',
      { context: { ...contextOf(), client: {} } },
      malformed,
      'invalid_context',
    ],
    [
      'has a context over 8 KB',
      { context: contextOf({ pad: 'x'.repeat(8192) }) },
      malformed,
      'invalid_context',
    ],
    [
      'has a context of 100 KB',
      { context: contextOf({ pad: 'x'.repeat(102_400) }) },
      malformed,
      'invalid_context',
    ],
    ['is no JSON', { body: 'events' }, 'The body is not JSON', 'invalid_json'],
    ['is empty', { body: '' }, 'The body is not JSON', 'invalid_json'],
    [
      'is too deep',
      { body: `{"events":${'['.repeat(201)}${']'.repeat(201)}}` },
      'nested deeper',
      'too_deep',
    ],
    ['is no UTF-8', { body: new Uint8Array([0xff, 0xfe]) }, 'not UTF-8', 'unreadable'],
    [
      'is broken gzip',
      { body: new Uint8Array([0x1f, 0x8b, 8, 0, 1]) },
      'not UTF-8 text or gzip',
      'unreadable',
    ],
    ['has no list', { body: '{"events":{}}' }, 'events must be a list', 'invalid'],
    ['is a list itself', { body: '[]' }, 'events must be a list', 'invalid'],
    [
      'has wrong types',
      { body: JSON.stringify({ events: [mobileEvent('a', { timestamp: 7 })] }) },
      'events.0.timestamp must be',
      'invalid_event',
    ],
    [
      'has a bad event among good ones',
      { body: JSON.stringify({ events: [mobileEvent('a'), {}, mobileEvent('b')] }) },
      'events.1.eventType must be text of 1 to 50 characters. (and 2 more)',
      'invalid_event',
    ],
  ]

  it.each(bad)('since it %s is answered 400 in the dialect', async (_what, given, message) => {
    await seedApp()
    const told = await readAnswer(await putEvents(undefined, { body: good, ...given }))
    expect(told).toMatchObject({ status: 400, type: 'BadRequestException' })
    expect(told.message).toContain(message)
  })

  it('is kept as rejected, is stored not at all, and disturbs no other', async () => {
    const { key, bucket } = await seedApp()
    const context = clientOf()
    await putEvents([mobileEvent('Before')], { context })
    // What others have had rejected is kept with the first, so that there is room for all of these.
    await putEvents([{}], { context })
    await rejectedOf(key.replace('key-', ''), 1)
    for (const [, given] of bad) await putEvents(undefined, { body: good, ...given })
    const bomb = await packed(`{"events":[],"pad":"${'x'.repeat(30_000_000)}"}`)
    await putEvents(undefined, { body: bomb })
    await putEvents([mobileEvent('After')], { context })
    const rejected = await rejectedOf(key.replace('key-', ''), bad.length + 2)
    expect(rejected.map((one) => one.problems[0]?.code).sort()).toEqual(
      ['invalid_event', 'too_large', ...bad.map(([, , , code]) => code)].sort()
    )
    expect(rejected.some((one) => one.payload === '{"events":{}}')).toBe(true)
    expect(eventNames(await delivered(bucket))).toEqual(['Before', 'After'])
  })

  it('lacks what the guide asks for, where the app is strict', async () => {
    await seedApp({ strict_client_context: true })
    const answer = await putEvents([mobileEvent('a')])
    const told = await readAnswer(answer)
    expect(told).toMatchObject({ status: 400, type: 'BadRequestException' })
    expect(told.message).toContain('client.app_title is required.')
  })

  it('is answered 413 when it inflates beyond the limit, however small it came', async () => {
    await seedApp()
    const bomb = await packed(`{"events":[],"pad":"${'x'.repeat(30_000_000)}"}`)
    expect(bomb.byteLength).toBeLessThan(50_000)
    const answer = await putEvents(undefined, { body: bomb })
    expect(await readAnswer(answer)).toMatchObject({ status: 413, type: 'RequestEntityTooLarge' })
  })

  it('is not read before its signature was found good', async () => {
    await seedApp()
    const answer = await putEvents(undefined, {
      body: 'garbage',
      secret_access_key: 'wrong-secret',
    })
    expect(await readAnswer(answer)).toMatchObject({
      status: 403,
      type: 'InvalidSignatureException',
    })
  })
})

describe('what fails for a reason of ours', () => {
  const throttled = { status: 400, type: 'ThrottlingException' }

  it.each(['CONFIG_KEY', 'IDENTITY_KEY'] as const)(
    'for want of %s is answered so that clients keep their events',
    async (name) => {
      await seedApp()
      vi.spyOn(console, 'error').mockImplementation(() => {})
      const before = env[name as keyof typeof env]
      Object.assign(env, { [name]: '' })
      const answer = await putEvents([mobileEvent('a')], { context: clientOf() })
      Object.assign(env, { [name]: before })
      expect(await readAnswer(answer)).toMatchObject(throttled)
      expect(answer.headers.get('access-control-allow-origin')).toBe('*')
      expect(answer.headers.get('x-amzn-requestid')).toMatch(uuid)
    }
  )
})

it('that no profile takes is answered so that clients keep their events', async () => {
  await seedApp()
  vi.spyOn(console, 'error').mockImplementation(() => {})
  vi.spyOn(env.PROFILE, 'getByName').mockImplementation(() => {
    throw new Error('Network connection lost.')
  })
  const answer = await putEvents([mobileEvent('a')], { context: clientOf() })
  expect(await readAnswer(answer)).toMatchObject({ status: 400, type: 'ThrottlingException' })
})
