import { afterEach, describe, expect, it, vi } from 'vitest'
import identified from '../../fixtures/mparticle-web-sdk/002-init-identify.json'
import loggedIn from '../../fixtures/mparticle-web-sdk/010-login.json'
import { batchOf, linesIn, passFile, passWindow, request, seed, upload } from '../../support/weir'
import { badBodies, gzip, rejectedOf, someRejectedOf } from './rejected'

afterEach(() => {
  vi.useRealTimers()
})

interface Told {
  mpid: string
  matched_identities: Record<string, string>
  is_logged_in: boolean
}

const ask = (path: string, key: string, body: unknown, headers: Record<string, string> = {}) =>
  request(`/identity/v1/${path}`, {
    method: 'POST',
    body: typeof body === 'string' || body instanceof ArrayBuffer ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json', 'x-mp-key': key, ...headers },
  })

const stamp = 'e4c07f48-7aff-48a2-b5fa-891bef04778e'
const known = (identities: object) => ({
  client_sdk: { platform: 'web', sdk_vendor: 'mparticle', sdk_version: '2.68.0' },
  known_identities: { device_application_stamp: stamp, ...identities },
})

const told = async (answer: Response): Promise<Told> => {
  expect(answer.status).toBe(200)
  return answer.json()
}

const quiet = () => seed({ sqs: false, s3: false })

describe('identify, login, logout and search', () => {
  it('answer what the SDK asked in a visit that was recorded', async () => {
    const { key } = await quiet()
    const anonymous = await ask('identify', key, identified.request.body)
    expect(anonymous.headers.get('content-type')).toMatch(/^application\/json/)
    const { mpid, ...rest } = await told(anonymous)
    expect(mpid).toMatch(/^[1-9]\d{0,18}$/)
    expect(rest).toEqual({
      context: null,
      matched_identities: { device_application_stamp: stamp },
      is_ephemeral: false,
      is_logged_in: false,
    })
    const login = await told(await ask('login', key, loggedIn.request.body))
    expect(login).toMatchObject({
      matched_identities: { customerid: 'cust-42' },
      is_logged_in: true,
    })
    expect(login.mpid).not.toBe(mpid)
    expect((await told(await ask('logout', key, known({})))).mpid).toBe(mpid)
  })

  it.each([
    ['the device', {}, {}],
    ['an email', { email: 'ada@example.org' }, { email: 'ada@example.org' }],
    [
      'the customer id before the email',
      { email: 'ada@example.org', customerid: 'c-1' },
      { customer_id: 'c-1', email: 'ada@example.org' },
    ],
    ['another id', { other2: 'o-2' }, { other_id_2: 'o-2' }],
    ['a number', { customerid: 42 }, { customer_id: '42' }],
    ['what remains of removed ones', { customerid: null, email: '', google: 'g' }, { google: 'g' }],
  ])('tell the mpid to which batches go by %s', async (_what, identities, user_identities) => {
    const { key, bucket } = await seed({ sqs: false })
    const mpids = await Promise.all(
      ['identify', 'login', 'logout', 'search?cb=1'].map(
        async (path) => (await told(await ask(path, key, known(identities)))).mpid
      )
    )
    await upload(key, batchOf(['one'], { mpid: null, mp_deviceid: stamp, user_identities }))
    await passWindow()
    await passFile()
    const [line] = await linesIn(bucket)
    expect(new Set(mpids)).toEqual(new Set([line?.mpid]))
  })

  it('name a device that has no stamp, and leave unknown identities aside', async () => {
    const { key } = await quiet()
    const of = (known_identities: object) => ask('identify', key, { known_identities })
    const first = await told(await of({ ios_idfv: 'v-1', hologram: 'h' }))
    expect(first.matched_identities).toEqual({ ios_idfv: 'v-1' })
    expect((await told(await of({ ios_idfv: 'v-1' }))).mpid).toBe(first.mpid)
    expect((await told(await of({ ios_idfv: 'v-2' }))).mpid).not.toBe(first.mpid)
  })

  it.each([
    [undefined, { email: 'e' }, true],
    [undefined, { other: 'o' }, false],
    [['other'], { other: 'o' }, true],
    [['other'], { email: 'e' }, false],
    [['customerid'], { customer_id: 'c' }, true],
    [[], { customerid: 'c' }, false],
  ])('with login_identities %j count %j as logged in: %s', async (logins, identities, is) => {
    const input = logins ? { login_identities: logins } : {}
    const { key } = await seed({ sqs: false, s3: false, input })
    expect((await told(await ask('identify', key, known(identities)))).is_logged_in).toBe(is)
  })

  it('match their fixed words in any case, and take gzip', async () => {
    const { key } = await quiet()
    const body = await gzip(JSON.stringify(known({})))
    const answers = await Promise.all([
      ask('Identify', key, body),
      request('/Identity/v1/LOGIN', {
        method: 'POST',
        body: JSON.stringify(known({})),
        headers: { 'x-mp-key': key },
      }),
    ])
    expect(answers.map((one) => one.status)).toEqual([200, 200])
  })
})

describe('modify', () => {
  const modify = (key: string, mpid: string, identity_changes: unknown) =>
    ask(`${mpid}/modify`, key, { identity_changes })
  const change = { identity_type: 'email', old_value: null, new_value: 'ada@example.org' }

  it.each(['7000000000001000004', '-1096377938905861812'])('keeps the mpid %s', async (mpid) => {
    const { key } = await quiet()
    for (const changes of [[change], [{ ...change, new_value: null }], []]) {
      expect(await told(await modify(key, mpid, changes))).toMatchObject({ context: null, mpid })
    }
  })

  it.each([
    ['0', [change], 'mpid'],
    ['9223372036854775808', [change], 'mpid'],
    ['me', [change], 'mpid'],
    ['7', undefined, 'identity_changes'],
    ['7', {}, 'identity_changes'],
    ['7', ['email'], 'identity_changes.0'],
    ['7', [change, {}], 'identity_changes.1.identity_type'],
    ['7', [{ ...change, new_value: { a: 1 } }], 'identity_changes.0.new_value'],
  ])('refuses for mpid %s the changes %j, since %s is wrong', async (mpid, changes, path) => {
    const { key } = await quiet()
    const answer = await modify(key, mpid, changes)
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ errors: [{ path }] })
    await rejectedOf(key.replace('key-', ''), 1)
  })
})

describe('bad identity requests', () => {
  it('are told what is wrong in both spellings of the dialect, and kept as rejected', async () => {
    const { key } = await quiet()
    const wrong: [unknown, string][] = [
      [{}, 'required'],
      [{ known_identities: {} }, 'required'],
      [{ known_identities: [] }, 'required'],
      [{ known_identities: { hologram: 'h' } }, 'required'],
      [{ known_identities: { email: null, customerid: '' } }, 'required'],
      [known({ email: ['a'] }), 'invalid'],
      [known({ customerid: true }), 'invalid'],
    ]
    for (const [body, code] of wrong) {
      const answer = await ask('identify', key, body)
      expect(answer.status).toBe(400)
      expect(answer.headers.get('access-control-allow-origin')).toBe('*')
      expect(await answer.json()).toMatchObject({
        errors: [{ code }],
        Errors: [{ code, message: expect.any(String) }],
        ErrorCode: code,
        StatusCode: 400,
        RequestId: expect.any(String),
      })
    }
    await someRejectedOf(key.replace('key-', ''))
  })

  it('that cannot be read are kept as rejected and leave others alone', async () => {
    const { key } = await quiet()
    const bodies = await badBodies()
    for (const [body, code] of bodies) {
      const answer = await ask('login', key, body)
      expect(answer.status).toBe(code === 'too_large' ? 413 : 400)
      expect(await answer.json()).toMatchObject({ Errors: [{ code }] })
    }
    await someRejectedOf(key.replace('key-', ''))
    expect((await ask('login', key, known({}))).status).toBe(200)
  })

  it('tell of ten problems at most, and of names as long as they need be', async () => {
    const { key } = await quiet()
    const names = Array.from({ length: 1000 }, (_, i) => [`${i}${'x'.repeat(100)}`, []])
    const answer = await ask('identify', key, known(Object.fromEntries(names)))
    const text = await answer.text()
    expect(JSON.parse(text).errors).toHaveLength(10)
    expect(text.length).toBeLessThan(10_000)
  })
})

const hmac = async (text: string, secret: string): Promise<string> => {
  const bytes = (part: string) => new TextEncoder().encode(part)
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', bytes(secret), algorithm, false, ['sign'])
  const mac = new Uint8Array(await crypto.subtle.sign('HMAC', key, bytes(text)))
  return [...mac].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

describe('who may ask', () => {
  const body = JSON.stringify(known({ email: 'grüße@example.org' }))
  const path = '/identity/v1/identify'
  const post = (headers: Record<string, string>) => request(path, { method: 'POST', body, headers })
  const basic = (key: string, secret: string) => ({
    authorization: `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(`${key}:${secret}`)))}`,
  })
  const secret = 'gehe1m-ä:secret'
  const withSecret = () => seed({ sqs: false, s3: false, input: { secret } })

  const expectStatus = async (headers: Record<string, string>, status: number) => {
    const answer = await post(headers)
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([
      status,
      '*',
    ])
    if (status > 200) expect(await answer.json()).toMatchObject({ Errors: [{}], errors: [{}] })
    // A browser would ask the visitor for a password.
    expect(answer.headers.get('www-authenticate')).toBeNull()
  }

  it('anybody with the key of an input, from its pages', async () => {
    const allowed_origins = ['https://shop.example.org']
    const { key } = await seed({ sqs: false, s3: false, input: { allowed_origins } })
    await expectStatus({ 'x-mp-key': key }, 200)
    await expectStatus({ 'x-mp-key': key, origin: 'https://shop.example.org' }, 200)
    await expectStatus({ 'x-mp-key': key, origin: 'https://evil.example.org' }, 403)
    await expectStatus({ 'x-mp-key': key, ...basic('site', 'password') }, 200)
    await expectStatus({ 'x-mp-key': 'no-such-key' }, 403)
    await expectStatus({ 'x-mp-key': 'k'.repeat(100_000) }, 403)
    await expectStatus({}, 401)
    await expectStatus({ 'x-mp-key': '' }, 401)
    await expectStatus({ authorization: 'Bearer abc' }, 401)
    await expectStatus({ authorization: 'Basic !!!' }, 401)
  })

  it('nobody while the input is disabled', async () => {
    const { key } = await seed({ sqs: false, s3: false, input: { enabled: false } })
    await expectStatus({ 'x-mp-key': key }, 403)
  })

  it('with a secret, only with the right one', async () => {
    const { key } = await withSecret()
    await expectStatus(basic(key, secret), 200)
    await expectStatus(basic(key, 'wrong-secret'), 403)
    await expectStatus(basic(key, ''), 403)
    const rejected = await someRejectedOf(key.replace('key-', ''))
    expect(rejected[0]?.problems[0]?.code).toBe('wrong_secret')
    expect(JSON.stringify(rejected)).not.toContain('wrong-secret')
  })

  it('with no secret where the input has none', async () => {
    const { key } = await quiet()
    await expectStatus(basic(key, secret), 403)
  })

  it('signed, only with a signature over method, date, path and body', async () => {
    const { key } = await withSecret()
    const date = '20261121T114127Z'
    const right = await hmac(`POST\n${date}\n${path}${body}`, secret)
    const signed = (signature: string, at = date) =>
      post({ 'x-mp-key': key, date: at, 'x-mp-signature': signature })
    expect((await signed(right)).status).toBe(200)
    expect((await signed(right.toUpperCase())).status).toBe(200)
    expect((await signed(right, '20261121T114128Z')).status).toBe(403)
    expect((await signed(await hmac(`POST\n${date}\n${path}{}`, secret))).status).toBe(403)
    expect((await signed('')).status).toBe(403)
  })
})

it('lets pages send its headers, without a key', async () => {
  const answer = await request('/identity/v1/identify', { method: 'OPTIONS' })
  expect(answer.status).toBe(204)
  expect(answer.headers.get('access-control-allow-headers')).toContain('x-mp-key')
  expect((await request('/identity/v1/identify')).headers.get('access-control-allow-origin')).toBe(
    '*'
  )
})
