import { describe, expect, it } from 'vitest'
import { emptyWorkspace, readWorkspaceFile } from '../../../worker/config/workspace-file'
import { deployment, putAt } from '../../support/workspace'

const keys = { access_key_id: 'AKID', secret_access_key: 'secret' }
const queue_url = 'https://sqs.eu-west-1.amazonaws.com/123456789012/events'

const good = () => ({
  inputs: [{ id: 'web', key: 'demo-web-key', secret: 'demo-web-secret' } as object],
  outputs: [
    { id: 'lake', kind: 's3', settings: { ...keys } as object } as object,
    { id: 'queue', kind: 'sqs', settings: { ...keys } },
  ],
  connections: [
    {
      id: 'web-lake',
      input: 'web',
      output: 'lake',
      settings: { bucket_name: 'events', store_by_date: 'event_time' } as object,
    } as object,
    { id: 'web-queue', input: 'web', output: 'queue', settings: { queue_url } as object },
  ],
})

type Good = ReturnType<typeof good>

/** The valid file with a value replaced at a path. */
const with_ = (path: string, value: unknown): Good => putAt(good(), path, value)

const problemsOf = (file: unknown, target = deployment) => {
  const read = readWorkspaceFile(file, target)
  return read.ok ? [] : read.problems.map(({ code, path }) => `${code} ${path}`)
}

describe('a good workspace file', () => {
  it('is read with defaults, and with its settings as entered', () => {
    const read = readWorkspaceFile(good(), deployment)
    expect(read).toMatchObject({
      ok: true,
      value: {
        inputs: [{ name: '', platform: 'web', enabled: true, allowed_origins: ['*'] }],
        outputs: [{ name: '', settings: keys }, { kind: 'sqs' }],
        connections: [
          {
            enabled: true,
            shards: 1,
            settings: { bucket_name: 'events', store_by_date: 'event_time' },
          },
          { settings: { queue_url } },
        ],
        audiences: [],
      },
    })
  })

  it('has an application of Mobile Analytics in place of a key, or beside one', () => {
    const access_keys = [
      { access_key_id: 'AKID', secret_access_key: 'long-enough', expires: '2027-01-31T00:00:00Z' },
      { access_key_id: 'AKID2', secret_access_key: 'long-enough', enabled: false },
    ]
    const read = readWorkspaceFile(
      { inputs: [{ id: 'app', mobile_analytics: { app_id: 'my-app', access_keys } }] },
      deployment
    )
    expect(read).toMatchObject({
      ok: true,
      value: {
        inputs: [
          {
            mobile_analytics: {
              app_id: 'my-app',
              account_id: 'weir',
              environment: 'production',
              custom_as_user_attributes: false,
              strict_client_context: false,
              access_keys: [
                { access_key_id: 'AKID', enabled: true, expires: '2027-01-31T00:00:00Z' },
                { access_key_id: 'AKID2', enabled: false },
              ],
            },
          },
        ],
      },
    })
    expect(
      problemsOf(with_('inputs.0.mobile_analytics', { app_id: 'my-app', access_keys }))
    ).toEqual([])
  })

  it('may be empty', () => {
    expect(readWorkspaceFile({}, deployment)).toEqual({ ok: true, value: emptyWorkspace() })
  })
})

describe('a problem of a workspace file', () => {
  it.each<[path: string, value: unknown, problem: string]>([
    ['inputs.0.id', undefined, 'required inputs.0.id'],
    ['inputs.0.key', undefined, 'required inputs.0.key'],
    ['inputs.0.id', 'Web', 'invalid inputs.0.id'],
    ['inputs.0.id', '', 'invalid inputs.0.id'],
    ['inputs.0.id', 'x'.repeat(64), 'invalid inputs.0.id'],
    ['inputs.0.key', 'a b c', 'invalid inputs.0.key'],
    ['inputs.0.key', 'abc', 'invalid inputs.0.key'],
    ['inputs.0.secret', 'short', 'invalid inputs.0.secret'],
    ['inputs.0.platform', 'watch', 'invalid inputs.0.platform'],
    ['inputs.0.enabled', 'yes', 'invalid inputs.0.enabled'],
    ['inputs.0.allowed_origins', ['https://a.org/path'], 'invalid inputs.0.allowed_origins.0'],
    ['inputs.0.allowed_origins', ['a.org'], 'invalid inputs.0.allowed_origins.0'],
    ['inputs.0.colour', 'red', 'unknown_field inputs.0.colour'],
    ['inputs.0.batches_per_second', 0, 'invalid inputs.0.batches_per_second'],
    ['inputs.0.batches_per_second', 2.5, 'invalid inputs.0.batches_per_second'],
    ['inputs.0.login_identities', 'email', 'invalid inputs.0.login_identities'],
    ['inputs.0.login_identities', [''], 'invalid inputs.0.login_identities.0'],
    ['inputs.0.web_sdk', { colour: 'red' }, 'unknown_field inputs.0.web_sdk.colour'],
    ['inputs.0.web_sdk', { upload_interval_ms: -1 }, 'invalid inputs.0.web_sdk.upload_interval_ms'],
    ['inputs.0.web_sdk', { offline_storage: 1 }, 'invalid inputs.0.web_sdk.offline_storage'],
    ['inputs.0.mobile_analytics', {}, 'required inputs.0.mobile_analytics.app_id'],
    ['inputs.0.mobile_analytics', { app_id: '' }, 'invalid inputs.0.mobile_analytics.app_id'],
    [
      'inputs.0.mobile_analytics',
      { app_id: 'a', access_keys: [{ access_key_id: 'AKID', secret_access_key: 'short' }] },
      'invalid inputs.0.mobile_analytics.access_keys.0.secret_access_key',
    ],
    [
      'inputs.0.mobile_analytics',
      { app_id: 'a', access_keys: [{ access_key_id: 'AKID' }] },
      'required inputs.0.mobile_analytics.access_keys.0.secret_access_key',
    ],
    [
      'inputs.0.mobile_analytics',
      {
        app_id: 'a',
        access_keys: [
          { access_key_id: 'AKID', secret_access_key: 'long-enough', expires: 'tomorrow' },
        ],
      },
      'invalid inputs.0.mobile_analytics.access_keys.0.expires',
    ],
    [
      'inputs.0.mobile_analytics',
      {
        app_id: 'a',
        access_keys: [
          { access_key_id: 'AKID', secret_access_key: 'long-enough' },
          { access_key_id: 'AKID', secret_access_key: 'just-as-long' },
        ],
      },
      'duplicate inputs.0.mobile_analytics.access_keys.1.access_key_id',
    ],
    ['inputs.1', { id: 'web', key: 'other-key' }, 'duplicate inputs.1.id'],
    ['inputs.1', { id: 'other', key: 'demo-web-key' }, 'duplicate inputs.1.key'],
    ['inputs', 'web', 'invalid inputs'],
    ['destinations', [], 'unknown_field destinations'],
    ['outputs.0.id', undefined, 'required outputs.0.id'],
    ['outputs.0.kind', undefined, 'required outputs.0.kind'],
    ['outputs.0.kind', 'kafka', 'invalid outputs.0.kind'],
    ['outputs.0.kind', 'toString', 'invalid outputs.0.kind'],
    ['outputs.0.colour', 'red', 'unknown_field outputs.0.colour'],
    ['outputs.0.settings', 'none', 'invalid outputs.0.settings'],
    ['outputs.0.settings.colour', 'red', 'unknown_setting outputs.0.settings.colour'],
    ['outputs.0.settings.aws_region', 'EU!', 'invalid_setting outputs.0.settings.aws_region'],
    [
      'outputs.0.settings.endpoint_url',
      'https://minio.example',
      'invalid_setting outputs.0.settings.endpoint_url',
    ],
    ['connections.0.id', 'web-queue', 'duplicate connections.1.id'],
    ['connections.0.input', undefined, 'required connections.0.input'],
    ['connections.0.input', 'ios', 'not_found connections.0.input'],
    ['connections.0.output', 'pond', 'not_found connections.0.output'],
    ['connections.0.shards', 0, 'invalid connections.0.shards'],
    ['connections.0.shards', 257, 'invalid connections.0.shards'],
    ['connections.0.shards', 1.5, 'invalid connections.0.shards'],
    ['connections.0.colour', 'red', 'unknown_field connections.0.colour'],
    ['connections.0.name', 5, 'invalid connections.0.name'],
    ['connections.0.settings.colour', 'red', 'unknown_setting connections.0.settings.colour'],
    [
      'connections.0.settings.queue_url',
      queue_url,
      'unknown_setting connections.0.settings.queue_url',
    ],
    [
      'connections.0.settings.bucket_name',
      undefined,
      'required connections.0.settings.bucket_name',
    ],
    ['connections.0.settings.bucket_name', '', 'required connections.0.settings.bucket_name'],
    [
      'connections.0.settings.bucket_name',
      'A_b',
      'invalid_setting connections.0.settings.bucket_name',
    ],
    [
      'connections.0.settings.folder_name',
      '../x',
      'invalid_setting connections.0.settings.folder_name',
    ],
    [
      'connections.0.settings.file_seconds',
      0,
      'invalid_setting connections.0.settings.file_seconds',
    ],
    [
      'connections.0.settings.store_by_date',
      undefined,
      'invalid_setting connections.0.settings.store_by_date',
    ],
    [
      'connections.0.settings.metadata_field_exclusion',
      ['os'],
      'invalid_setting connections.0.settings.metadata_field_exclusion',
    ],
    [
      'connections.0.settings.server_side_encryption',
      'rot13',
      'invalid_setting connections.0.settings.server_side_encryption',
    ],
    ['connections.1.settings.queue_url', undefined, 'required connections.1.settings.queue_url'],
    [
      'connections.1.settings.queue_url',
      'events',
      'invalid_setting connections.1.settings.queue_url',
    ],
    [
      'connections.1.settings.queue_url',
      'https://sqs.eu-west-1.amazonaws.com/events',
      'invalid_setting connections.1.settings.queue_url',
    ],
    [
      'connections.1.settings.queue_url',
      'https://sqs.evil.com/123456789012/events',
      'invalid_setting connections.1.settings.queue_url',
    ],
  ])('with %s = %j is %s, and the only one', (path, value, problem) => {
    expect(problemsOf(with_(path, value))).toEqual([problem])
  })

  it('about the date folder says what the documents say', () => {
    for (const value of ['UNSELECTED', undefined]) {
      const file = with_('connections.0.settings.store_by_date', value)
      expect(readWorkspaceFile(file, deployment)).toMatchObject({
        problems: [
          {
            message:
              "Store Data in Folders by Date must be set to a value other than 'UNSELECTED'.",
          },
        ],
      })
    }
  })

  it('about one key without the other is reported at the missing one', () => {
    const keyOnly = with_('outputs.0.settings', { access_key_id: 'AKID' })
    expect(problemsOf(keyOnly)).toEqual(['invalid_setting outputs.0.settings.secret_access_key'])
    const secretOnly = with_('outputs.1.settings', { secret_access_key: 'secret' })
    expect(problemsOf(secretOnly)).toContain('invalid_setting outputs.1.settings.access_key_id')
  })

  it('about a bucket without keys is its prefix, or the deployment that has none either', () => {
    const file = with_('outputs.0.settings', {})
    const bucket = 'connections.0.settings.bucket_name'
    expect(problemsOf(file)).toEqual([`invalid_setting ${bucket}`])
    expect(problemsOf(file, { ...deployment, service: undefined })).toEqual([
      `missing_credentials ${bucket}`,
      `invalid_setting ${bucket}`,
    ])
    expect(problemsOf(file, { ...deployment, roleBucketPrefix: 'ev' })).toEqual([])
  })

  it('about a queue without keys is reported at the queue', () => {
    expect(problemsOf(with_('outputs.1.settings', {}))).toEqual([
      'missing_credentials connections.1.settings.queue_url',
    ])
  })

  it('comes with all the others', () => {
    const file = with_('connections.0.settings.colour', 'red')
    Object.assign(file.outputs[0]!, { settings: { ...keys, aws_region: '?' } })
    Object.assign(file.connections[1]!, { input: 'ios', output: 'pond' })
    file.inputs.push({ id: 'web', key: 'demo-web-key' })
    expect(problemsOf(file).sort()).toEqual(
      [
        'duplicate inputs.1.id',
        'duplicate inputs.1.key',
        'invalid_setting outputs.0.settings.aws_region',
        'not_found connections.1.input',
        'not_found connections.1.output',
        'unknown_setting connections.0.settings.colour',
      ].sort()
    )
  })

  it.each([[null], [[]], ['file'], [5]])('is the file itself when it is %j', (file) => {
    expect(problemsOf(file)).toEqual(['invalid '])
  })
})
