import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { base64, clientOf, delivered, packed, seedApp } from '../../../support/mobile-app'
import { mobileEvent } from '../../../support/mobile-event'
import { putEvents, readAnswer } from '../../../support/put-events'
import { eventNames, request } from '../../../support/weir'

const path = '/2014-06-05/events'
const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

describe('PutEvents', () => {
  it('is answered 202 with a request id, without a body, once the events are stored', async () => {
    const { bucket } = await seedApp()
    const answer = await putEvents([mobileEvent('One')], { context: clientOf() })
    expect(await readAnswer(answer)).toEqual({ status: 202, type: null, message: undefined })
    const requestId = answer.headers.get('x-amzn-requestid')
    expect(requestId).toMatch(uuid)
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(await delivered(bucket)).toMatchObject([{ source_request_id: requestId }])
  })

  it.each<[string, Parameters<typeof putEvents>[1]]>([
    ['of another region', { region: 'eu-west-1' }],
    ['with temporary credentials', { session_token: 'FwoGZXIvYXdzEXAMPLE//token==' }],
    ['without a hash of the body', { hash: false }],
    ['of a content type of Android', { headers: { 'content-type': 'application/x-amz-json-1.0' } }],
    ['of no content type', {}],
  ])('is taken %s', async (_what, given) => {
    const { bucket } = await seedApp()
    expect((await putEvents([mobileEvent('One')], { context: clientOf(), ...given })).status).toBe(
      202
    )
    expect(eventNames(await delivered(bucket))).toEqual(['One'])
  })

  it('is taken as Android sends it: packed, the context in base64', async () => {
    const { bucket } = await seedApp()
    const answer = await putEvents(undefined, {
      body: await packed(JSON.stringify({ events: [mobileEvent('Packed')] })),
      hash: false,
      context: base64(JSON.stringify(clientOf('Gerät 😀'))),
      headers: { 'content-encoding': 'gzip', 'x-amz-client-context-encoding': 'base64' },
    })
    expect(await readAnswer(answer)).toMatchObject({ status: 202 })
    expect(eventNames(await delivered(bucket))).toEqual(['Packed'])
  })

  it('of a native client is told so, and of a script likewise', async () => {
    const { bucket } = await seedApp()
    const agents = ['aws-sdk-android/2.2.2', 'aws-sdk-nodejs/2.1693.0 linux']
    for (const agent of agents) {
      const beside = { 'user-agent': agent, 'cf-connecting-ip': '203.0.113.7' }
      await putEvents([mobileEvent('a')], { context: clientOf(), beside })
    }
    const told = (await delivered(bucket)).map(({ source_info, device_info, ip }) => ({
      channel: (source_info as { channel: string }).channel,
      agent: (device_info as Record<string, string>).http_header_user_agent,
      ip,
    }))
    expect(told.sort((a, b) => b.channel.localeCompare(a.channel))).toEqual([
      { channel: 'native', agent: agents[0], ip: '203.0.113.7' },
      { channel: 'javascript', agent: agents[1], ip: '203.0.113.7' },
    ])
  })

  it('below a path of a site is signed as its client sees it', async () => {
    const { bucket } = await seedApp()
    const vars: { BASE_PATH?: string } = env
    vars.BASE_PATH = '/hello'
    const url = 'https://weir.test/hello/2014-06-05/events'
    const answer = await putEvents([mobileEvent('Below')], { url, context: clientOf() })
    delete vars.BASE_PATH
    expect(answer.status).toBe(202)
    expect(eventNames(await delivered(bucket))).toEqual(['Below'])
  })

  it('without events is taken, and nothing becomes of it', async () => {
    const { bucket } = await seedApp()
    expect((await putEvents([], { context: clientOf() })).status).toBe(202)
    expect(await delivered(bucket)).toEqual([])
  })

  it('may have 1,048,576 bytes, in letters of any length, and no byte more', async () => {
    const { bucket } = await seedApp()
    const context = clientOf()
    const bodyOf = (bytes: number, pad: string): string => {
      const body = JSON.stringify({ pad: '', events: [mobileEvent('Large')] })
      const room = bytes - body.length
      const wide = new TextEncoder().encode(pad).byteLength
      const filling = pad.repeat(Math.floor(room / wide)) + 'x'.repeat(room % wide)
      return body.replace('"pad":""', `"pad":"${filling}"`)
    }
    for (const pad of ['x', '✓']) {
      const answer = await putEvents(undefined, { context, body: bodyOf(1_048_576, pad) })
      expect(answer.status).toBe(202)
    }
    const larger = await putEvents(undefined, { context, body: bodyOf(1_048_577, 'x') })
    expect(await readAnswer(larger)).toMatchObject({ status: 413, type: 'RequestEntityTooLarge' })
    expect(eventNames(await delivered(bucket))).toEqual(['Large', 'Large'])
  })

  it('is a resend with the same ids when the same bytes come again', async () => {
    const { bucket } = await seedApp()
    const context = clientOf()
    for (const _ of [1, 2]) await putEvents([mobileEvent('Again')], { context })
    const ids = (await delivered(bucket)).flatMap((line) =>
      (line.events as { data: Record<string, string> }[]).map((one) => one.data.source_message_id)
    )
    expect(ids).toHaveLength(2)
    expect(new Set(ids).size).toBe(1)
  })

  it('of one client goes to one profile, and of a named customer to the customer’s', async () => {
    const { bucket } = await seedApp({ customer_id_attribute: 'user' })
    const user = crypto.randomUUID()
    const [phone, tablet] = [clientOf(), clientOf()]
    await putEvents([mobileEvent('a')], { context: phone })
    for (const context of [phone, tablet]) {
      await putEvents([mobileEvent('b', { attributes: { user } })], { context })
    }
    const lines = await delivered(bucket)
    const named = lines.filter((line) => JSON.stringify(line.user_identities).includes(user))
    expect(named).toHaveLength(2)
    expect(new Set(named.map((line) => line.mpid)).size).toBe(1)
    expect(new Set(lines.map((line) => line.mpid)).size).toBe(2)
  })
})

describe('a page', () => {
  it('may ask before it posts, without credentials', async () => {
    const answer = await request(path, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://shop.example.org',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,x-amz-client-context',
      },
    })
    expect(answer.status).toBe(204)
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    expect(answer.headers.get('access-control-allow-methods')).toBe('POST')
    expect(Number(answer.headers.get('access-control-max-age'))).toBeGreaterThanOrEqual(7200)
    const allowed = answer.headers.get('access-control-allow-headers')?.split(', ') ?? []
    for (const name of [
      'authorization',
      'content-type',
      'x-amz-client-context',
      'x-amz-client-context-encoding',
      'x-amz-content-sha256',
      'x-amz-date',
      'x-amz-security-token',
      'x-amz-user-agent',
    ]) {
      expect(allowed).toContain(name)
    }
  })

  it('may read every answer, its request id, its error and its time', async () => {
    await seedApp()
    const answers = await Promise.all([
      putEvents([mobileEvent('a')]),
      putEvents([{}]),
      putEvents([mobileEvent('a')], { secret_access_key: 'wrong-secret' }),
      putEvents(undefined, { body: 'x'.repeat(1_048_577) }),
      request(path, { method: 'POST', body: '{}' }),
    ])
    expect(answers.map((one) => one.status)).toEqual([202, 400, 403, 413, 403])
    for (const { headers } of answers) {
      expect(headers.get('access-control-allow-origin')).toBe('*')
      expect(headers.get('access-control-expose-headers')).toBe(
        'x-amzn-RequestId, x-amzn-ErrorType, Date'
      )
      expect(Math.abs(Date.parse(headers.get('date') ?? '') - Date.now())).toBeLessThan(60_000)
    }
  })
})

it('answers 404 to other methods and paths', async () => {
  for (const [method, at] of [
    ['GET', path],
    ['PUT', path],
    ['POST', `${path}/1`],
    ['POST', '/2014-06-30/events'],
  ] as const) {
    expect((await request(at, { method })).status).toBe(404)
  }
})
