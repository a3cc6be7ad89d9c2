import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { checkAccess } from '../../../../worker/outputs/aws/access'
import { accessClient } from '../../../../worker/outputs/aws/credentials'
import type { Deployment } from '../../../../worker/outputs/deployment'
import { putObject } from '../../../../worker/outputs/s3/put'
import { s3Configuration, s3Connection } from '../../../../worker/outputs/s3/settings'
import { readStoredSettings } from '../../../../worker/settings'
import { assumedRole, awsError, scriptAws } from '../../../support/aws-answers'
import { receivedMs } from '../../../support/outbound'

const keys = { access_key_id: 'AKIDTEST', secret_access_key: 'test-secret' }
const role_arn = 'arn:aws:iam::123456789012:role/weir'
const deployment: Deployment = {
  service: { access_key_id: 'AKIDSERVICE', secret_access_key: 'service-secret' },
  allowsCustomEndpoints: false,
  roleBucketPrefix: 'mp-forwarding-',
}
const without: Deployment = { ...deployment, service: undefined }

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: receivedMs })
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe('the rules of access', () => {
  const aws = 'https://s3.us-east-1.amazonaws.com'

  it.each([
    [{}, without, []],
    [keys, without, []],
    [{ access_key_id: 'A' }, deployment, ['secret_access_key']],
    [{ secret_access_key: 's' }, deployment, ['access_key_id']],
    [{ role_arn }, deployment, []],
    [{ role_arn }, without, ['role_arn']],
    [{ ...keys, role_arn }, deployment, ['role_arn']],
    [{ role_arn, external_id: 'e1' }, deployment, []],
    [{ ...keys, external_id: 'e1' }, deployment, ['external_id']],
    [{ endpoint_url: aws }, deployment, []],
    [{ endpoint_url: 'http://localhost:4566' }, deployment, ['endpoint_url']],
    [{ endpoint_url: 'http://localhost:4566' }, { ...deployment, allowsCustomEndpoints: true }, []],
    [
      { access_key_id: 'A', endpoint_url: 'https://evil.com' },
      deployment,
      ['secret_access_key', 'endpoint_url'],
    ],
  ])('for %j find fault with the right settings', (access, given, paths) => {
    expect(checkAccess(access, given).map((one) => one.path)).toEqual(paths)
  })
})

describe('access by keys', () => {
  it('hands out one client, which keeps its signing keys', async () => {
    const access = accessClient(keys, 'us-east-1', without)
    expect(await access.client()).toBe(await access.client())
  })

  it('without any keys waits for its owner', async () => {
    expect(await accessClient({}, 'us-east-1', without).client()).toMatchObject({
      kind: 'retry',
      ownerMustAct: true,
    })
  })
})

describe('an assumed role', () => {
  const hourMs = 3_600_000

  it('is kept until five minutes before it expires', async () => {
    const recorded = scriptAws((_, count) => assumedRole(Date.now() + hourMs, `ASIA${count}`))
    const access = accessClient({ role_arn }, 'eu-west-1', deployment)
    const first = await access.client()
    vi.setSystemTime(receivedMs + hourMs - 5 * 60_000 - 1)
    expect(await access.client()).toBe(first)
    expect(recorded.calls).toHaveLength(1)
    vi.setSystemTime(receivedMs + hourMs - 5 * 60_000)
    expect(await access.client()).not.toBe(first)
    expect(recorded.calls).toHaveLength(2)
  })

  it('is asked for once, however many want it', async () => {
    const recorded = scriptAws(() => assumedRole(Date.now() + hourMs))
    const access = accessClient({ role_arn }, 'eu-west-1', deployment)
    const [one, two] = await Promise.all([access.client(), access.client()])
    expect(one).toBe(two)
    expect(recorded.calls).toMatchObject([{ url: 'https://sts.eu-west-1.amazonaws.com/' }])
  })

  it.each([
    [403, 'AccessDenied', { ownerMustAct: true }],
    [400, 'InvalidParameterValue', { ownerMustAct: true }],
    [400, 'Throttling', {}],
    [500, 'InternalFailure', {}],
  ])('that is refused with %i %s loses nothing', async (status, code, more) => {
    scriptAws(() => awsError(status, code))
    const outcome = await accessClient({ role_arn }, 'eu-west-1', deployment).client()
    expect(outcome).toEqual({
      kind: 'retry',
      reason: `AssumeRole: HTTP ${status} ${code}`,
      ...more,
    })
  })

  it.each(['', '<AssumeRoleResponse/>', '<AccessKeyId>A</AccessKeyId>'])(
    'is tried again when the answer has no credentials: %s',
    async (text) => {
      scriptAws(() => new Response(text))
      const access = accessClient({ role_arn }, 'eu-west-1', deployment)
      expect(await access.client()).toMatchObject({ kind: 'retry' })
      scriptAws(() => assumedRole(Date.now() + hourMs))
      expect(await access.client()).not.toHaveProperty('kind')
    }
  )

  it.each([
    ['http://127.0.0.1:4566/any', 'http://127.0.0.1:4566/'],
    ['https://s3.eu-west-1.amazonaws.com', 'https://sts.eu-west-1.amazonaws.com/'],
  ])('with the endpoint %s is asked of %s', async (endpoint_url, url) => {
    const recorded = scriptAws(() => assumedRole(Date.now() + hourMs))
    await accessClient({ role_arn, endpoint_url }, 'eu-west-1', deployment).client()
    expect(recorded.calls).toMatchObject([{ url, method: 'POST' }])
  })

  it('that AWS calls expired is assumed anew for the next request', async () => {
    const recorded = scriptAws((call) => {
      if (call.signed.service === 'sts') return assumedRole(Date.now() + hourMs)
      return new Response('<Error><Code>ExpiredToken</Code></Error>', { status: 400 })
    })
    const target = {
      access: accessClient({ role_arn }, 'us-east-1', deployment),
      configuration: readStoredSettings(s3Configuration, { role_arn }),
      connection: readStoredSettings(s3Connection, { bucket_name: 'events' }),
    }
    const body = new Uint8Array([0x7b, 0x7d])
    expect(await putObject(target, 'a.txt', body)).toMatchObject({ kind: 'retry' })
    await putObject(target, 'a.txt', body)
    const services = recorded.calls.map((call) => call.signed.service)
    expect(services).toEqual(['sts', 's3', 'sts', 's3'])
    expect(recorded.calls[1]?.headers['x-amz-security-token']).toBe('role-token')
  })
})
