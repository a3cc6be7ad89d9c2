import { afterEach, describe, expect, it, vi } from 'vitest'
import { accessClient } from '../../../../worker/outputs/aws/credentials'
import type { Deployment } from '../../../../worker/outputs/deployment'
import { checkBucket } from '../../../../worker/outputs/s3/check'
import { fileKey } from '../../../../worker/outputs/s3/key'
import { putObject, verifyBucket } from '../../../../worker/outputs/s3/put'
import { s3Configuration, s3Connection } from '../../../../worker/outputs/s3/settings'
import { objectUrl } from '../../../../worker/outputs/s3/url'
import { readStoredSettings } from '../../../../worker/settings'
import { scriptAws } from '../../../support/aws-answers'
import { receivedMs } from '../../../support/outbound'

const keys = { access_key_id: 'AKIDTEST', secret_access_key: 'test-secret' }
const service = { access_key_id: 'AKIDSERVICE', secret_access_key: 'service-secret' }
const deployment: Deployment = {
  service,
  allowsCustomEndpoints: false,
  roleBucketPrefix: 'mp-forwarding-',
}
const configurationOf = (given: object = {}) => readStoredSettings(s3Configuration, given)
const connectionOf = (given: object = {}) =>
  readStoredSettings(s3Connection, { bucket_name: 'events', store_by_date: 'none', ...given })

const targetOf = (configuration: object = keys, connection: object = {}) => ({
  access: accessClient(configuration, 'us-east-1', deployment),
  configuration: configurationOf(configuration),
  connection: connectionOf(connection),
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe('the key of a file', () => {
  const key = (lane: string, given = {}, ms = receivedMs, random = 0.34523) =>
    fileKey(lane, connectionOf(given), { ms, random: () => random })

  it.each([
    ['/mPTravel', {}, 'mPTravel_20261121060405678345_34523.txt'],
    ['2024-02-29/weir', {}, '2024-02-29/weir_20261121060405678345_34523.txt'],
    ['/weir', { folder_name: 'a' }, 'a/weir_20261121060405678345_34523.txt'],
    ['/weir', { folder_name: '//a//b c//' }, 'a/b c/weir_20261121060405678345_34523.txt'],
    ['2024-02-29/weir', { folder_name: '/' }, '2024-02-29/weir_20261121060405678345_34523.txt'],
    ['/weir', { use_compression: true }, 'weir_20261121060405678345_34523.txt.gz'],
  ])('of lane %s with %j is %s', (lane, given, expected) => {
    expect(key(lane, given)).toBe(expected)
  })

  it.each([
    [Date.UTC(2026, 0, 2, 3, 4, 5, 6), 0, 'weir_20260102030405006000_00000.txt'],
    [Date.UTC(2026, 11, 31, 23, 59, 59, 999), 0.999999, 'weir_20261231235959999999_99999.txt'],
  ])('has all its digits at %i', (ms, random, expected) => {
    expect(key('/weir', {}, ms, random)).toBe(expected)
  })
})

describe('the URL of an object', () => {
  const url = (given: object, bucket = 'events', key = 'a.txt') =>
    objectUrl(configurationOf(given), bucket, key)

  it.each([
    [{}, 'events', 'https://events.s3.us-east-1.amazonaws.com/a.txt'],
    [{ aws_region: 'cn-north-1' }, 'events', 'https://events.s3.cn-north-1.amazonaws.com.cn/a.txt'],
    [{}, 'my.events', 'https://s3.us-east-1.amazonaws.com/my.events/a.txt'],
    [{ addressing_style: 'path' }, 'events', 'https://s3.us-east-1.amazonaws.com/events/a.txt'],
    [
      { addressing_style: 'virtual' },
      'my.events',
      'https://my.events.s3.us-east-1.amazonaws.com/a.txt',
    ],
    [{ endpoint_url: 'http://127.0.0.1:4566' }, 'events', 'http://127.0.0.1:4566/events/a.txt'],
    [
      { endpoint_url: 'https://store.example/s3/' },
      'events',
      'https://store.example/s3/events/a.txt',
    ],
    [
      { endpoint_url: 'https://store.example/s3', addressing_style: 'virtual' },
      'events',
      'https://events.store.example/s3/a.txt',
    ],
    // An address can have no host below it.
    [
      { endpoint_url: 'http://127.0.0.1:4566', addressing_style: 'virtual' },
      'events',
      'http://127.0.0.1:4566/events/a.txt',
    ],
    [
      { endpoint_url: 'http://[::1]:1', addressing_style: 'virtual' },
      'events',
      'http://[::1]:1/events/a.txt',
    ],
  ])('with %j for bucket %s is %s', (given, bucket, expected) => {
    expect(url(given, bucket)).toBe(expected)
  })

  it.each([
    ['a b', 'a%20b'],
    ['a+b', 'a%2Bb'],
    ["a!'()*b", 'a%21%27%28%29%2Ab'],
    ['a/b//c', 'a/b//c'],
    ['größe/😀', 'gr%C3%B6%C3%9Fe/%F0%9F%98%80'],
    ['a?b#c&d=e', 'a%3Fb%23c%26d%3De'],
    ['a%2Fb', 'a%252Fb'],
    ['a\\b', 'a%5Cb'],
  ])('writes the key %s as %s', (key, path) => {
    const address = url({}, 'events', key)
    expect(address).toBe(`https://events.s3.us-east-1.amazonaws.com/${path}`)
    expect(new URL(address).href).toBe(address)
  })
})

describe('the rules of an S3 connection', () => {
  const role = { role_arn: 'arn:aws:iam::123456789012:role/weir' }

  it.each([
    [keys, {}, {}, []],
    [keys, { folder_name: 'a/.b/..c/d.' }, {}, []],
    [keys, { folder_name: '../a' }, {}, ['folder_name']],
    [keys, { folder_name: 'a/./b' }, {}, ['folder_name']],
    [keys, { folder_name: 'a/..' }, {}, ['folder_name']],
    [keys, { folder_name: 'a\nb' }, {}, ['folder_name']],
    [keys, { folder_name: 'a\ud800b' }, {}, ['folder_name']],
    [keys, { folder_name: 'größe 😀' }, {}, []],
    [{}, { bucket_name: 'mp-forwarding-a' }, {}, []],
    [{}, { bucket_name: 'events' }, {}, ['bucket_name']],
    [{}, { bucket_name: 'weir-a' }, { roleBucketPrefix: 'weir-' }, []],
    [{}, { bucket_name: 'mp-forwarding-a' }, { service: undefined }, ['bucket_name']],
    [{}, { bucket_name: 'events' }, { service: undefined }, ['bucket_name', 'bucket_name']],
    [role, { bucket_name: 'events' }, {}, []],
  ])('for %j with %j and %j find fault with %j', (configuration, connection, given, paths) => {
    const problems = checkBucket(configurationOf(configuration), connectionOf(connection), {
      ...deployment,
      ...given,
    })
    expect(problems.map((one) => one.path)).toEqual(paths)
  })
})

describe('an object', () => {
  const body = new Uint8Array([0x7b, 0x7d, 0x0a])
  const sha256 = 'ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356'

  it('is put with its hash signed and without following a redirect', async () => {
    const recorded = scriptAws(() => new Response(null))
    const outcome = await putObject(targetOf(), 'a b/c+d.txt', body)
    expect(outcome).toEqual({ kind: 'delivered' })
    expect(recorded.calls).toMatchObject([
      {
        method: 'PUT',
        url: 'https://events.s3.us-east-1.amazonaws.com/a%20b/c%2Bd.txt',
        headers: { 'content-type': 'text/plain', 'x-amz-content-sha256': sha256 },
        body: '{}\n',
        signed: { key: 'AKIDTEST', region: 'us-east-1', service: 's3' },
      },
    ])
    expect(recorded.calls[0]?.headers).not.toHaveProperty('x-amz-acl')
    expect(vi.mocked(fetch).mock.calls[0]?.[1]?.redirect).toBe('manual')
  })

  it('that is not taken says why', async () => {
    scriptAws(() => new Response('<Error><Code>NoSuchBucket</Code></Error>', { status: 404 }))
    expect(await putObject(targetOf(), 'a.txt', body)).toEqual({
      kind: 'retry',
      reason: 'HTTP 404 NoSuchBucket',
      ownerMustAct: true,
    })
  })

  it('that verifies a bucket is {} in the base folder, with the headers of files, never gzip', async () => {
    const recorded = scriptAws(() => new Response(null))
    const connection = {
      bucket_name: 'mp-forwarding-a',
      folder_name: 'raw/',
      server_side_encryption: 'aws:kms',
      use_compression: true,
      store_by_date: 'upload_time',
    }
    await verifyBucket(targetOf({}, connection), Date.UTC(2026, 10, 21, 16, 4, 5))
    expect(recorded.calls).toMatchObject([
      {
        url: 'https://mp-forwarding-a.s3.us-east-1.amazonaws.com/raw/weir_Bucket_Verification_20261121-160405.txt',
        headers: {
          'content-type': 'text/plain',
          'x-amz-server-side-encryption': 'aws:kms',
          'x-amz-acl': 'bucket-owner-full-control',
        },
        body: '{}',
      },
    ])
  })
})
