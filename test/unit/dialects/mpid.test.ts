import { describe, expect, it } from 'vitest'
import { type JsonObject, parseJson } from '../../../worker/base/json'
import type { Batch } from '../../../worker/batch'
import { deriveMpid, mpidOf } from '../../../worker/dialects/mpid'

const key = () => 'test-identity-key'
const of = (batch: Batch, identityKey = key) => Promise.resolve(mpidOf(batch, identityKey))
const ofText = (text: string) => of(parseJson(text) as JsonObject)

describe('the mpid that a client gives', () => {
  it.each([
    ['"7000000000001000004"', '7000000000001000004'],
    ['7346244611012968789', '7346244611012968789'],
    ['600868121729048600', '600868121729048600'],
    ['-7636538281262557000', '-7636538281262557000'],
    ['"-1096377938905861812"', '-1096377938905861812'],
    ['42', '42'],
    ['"007"', '7'],
    ['9223372036854775807', '9223372036854775807'],
  ])('as %s is %s, and needs no key', (given, mpid) => {
    const noKey = () => {
      throw new Error('The key was asked for.')
    }
    expect(mpidOf(parseJson(`{"mpid":${given}}`) as JsonObject, noKey)).toBe(mpid)
  })

  it.each(['0', '"0"', '-0', 'null', '""', '"abc"', '1.5', '9223372036854775808', 'true', '[1]'])(
    'as %s is none, and is derived',
    async (given) => {
      const derived = await ofText('{"mp_deviceid":"d"}')
      expect(await ofText(`{"mpid":${given},"mp_deviceid":"d"}`)).toBe(derived)
    }
  )
})

describe('a derived mpid', () => {
  const email = { user_identities: { email: 'ada@example.org' } }

  it('is the same for the same name, and another for another name or key', async () => {
    expect(await of(email)).toBe(await of({ ...email, mp_deviceid: 'd', ip: '::1' }))
    const others = await Promise.all([
      of({ user_identities: { email: 'eve@example.org' } }),
      of({ user_identities: { customer_id: 'ada@example.org' } }),
      of({ mp_deviceid: 'ada@example.org' }),
      of(email, () => 'another-key'),
    ])
    expect(new Set([await of(email), ...others]).size).toBe(5)
  })

  it('is the same for identities in a list as in an object', async () => {
    const list = [
      { identity_type: 'google', identity: 'g' },
      { identity_type: 'email', identity: 'ada@example.org', timestamp_unixtime_ms: 1 },
    ]
    expect(await of({ user_identities: list })).toBe(await of(email))
  })

  it('never changes from one version of weir to the next', async () => {
    // HMAC-SHA-256 of `email:ada@example.org`, its first 64 bits shifted right by one.
    const mac = await crypto.subtle.sign(
      'HMAC',
      await crypto.subtle.importKey(
        'raw',
        new TextEncoder().encode(key()),
        { name: 'HMAC', hash: 'SHA-256' },
        false,
        ['sign']
      ),
      new TextEncoder().encode('email:ada@example.org')
    )
    expect(await of(email)).toBe(String(new DataView(mac).getBigUint64(0) >> 1n))
  })

  it('is positive and below 2^63', async () => {
    for (let i = 0; i < 300; i++) {
      const mpid = BigInt(await deriveMpid(`name-${i}`, 'key'))
      expect(mpid > 0n && mpid < 2n ** 63n).toBe(true)
    }
  })

  it.each<[string, Batch, Batch]>([
    [
      'the customer id before the email',
      { user_identities: { email: 'e', customer_id: 'c' } },
      { user_identities: { customer_id: 'c' } },
    ],
    [
      'the email before the others',
      { user_identities: { google: 'g', other: 'o', email: 'e' } },
      { user_identities: { email: 'e' } },
    ],
    [
      'an identity under either spelling',
      { user_identities: { customerid: 'c' } },
      { user_identities: { customer_id: 'c' } },
    ],
    [
      'an identity before the device',
      { user_identities: { alias: 'a' }, mp_deviceid: 'd' },
      { user_identities: { alias: 'a' } },
    ],
    [
      'the next identity when one was removed',
      { user_identities: { customer_id: null, email: 'e' } },
      { user_identities: { email: 'e' } },
    ],
    [
      'the device before the request',
      { mp_deviceid: 'd', source_request_id: 'r' },
      { mp_deviceid: 'd' },
    ],
    [
      'the device when the identities are unknown ones',
      { user_identities: { hologram: 'h' }, mp_deviceid: 'd' },
      { mp_deviceid: 'd' },
    ],
    [
      'the request when there is nothing else',
      { source_request_id: 'r', mp_deviceid: '', user_identities: null },
      { source_request_id: 'r' },
    ],
  ])('comes from %s', async (_what, batch, same) => {
    expect(await of(batch)).toBe(await of(same))
  })

  it('of a large number is that of its digits', async () => {
    expect(await ofText('{"user_identities":{"customer_id":7346244611012968789}}')).toBe(
      await ofText('{"user_identities":{"customer_id":"7346244611012968789"}}')
    )
    expect(await ofText('{"source_request_id":7346244611012968789}')).toBe(
      await ofText('{"source_request_id":"7346244611012968789"}')
    )
  })

  it('of nothing is a new one each time', async () => {
    expect(await of({})).not.toBe(await of({}))
  })
})
