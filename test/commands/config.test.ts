// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the names in workspace files look like that
import { expect, it } from 'vitest'
import { changeLines } from '../../worker/commands/workspace/compare'
import { historyLines } from '../../worker/commands/workspace/history'
import { fillIn, isSecretPath } from '../../worker/commands/workspace/placeholders'
import { writtenWorkspace } from '../../worker/commands/workspace/written'
import { compareWorkspaces } from '../../worker/config/changes'
import type { WorkspaceFile } from '../../worker/config/workspace-file'

const masked = '********'

const told = (): WorkspaceFile => ({
  inputs: [
    {
      id: 'web',
      name: '',
      platform: 'web',
      key: 'web-key',
      secret: masked,
      enabled: true,
      allowed_origins: ['https://shop.example'],
    },
  ],
  outputs: [
    {
      id: 'lake',
      name: '',
      kind: 's3',
      settings: { secret_access_key: masked, aws_region: 'eu-central-1', access_key_id: 'AKID' },
    },
  ],
  connections: [
    {
      id: 'web-lake',
      input: 'web',
      output: 'lake',
      enabled: true,
      shards: 2,
      settings: { file_seconds: 30, bucket_name: 'events', use_compression: true },
    },
  ],
  audiences: [],
  alerts: [],
})

it('fills in names in all strings and leaves numbers and booleans alone', () => {
  const given = { a: ['${ONE}/${TWO}', 7, true, null], b: { c: '$${ONE} $5 {ONE}' } }
  expect(fillIn(given, { ONE: '1', TWO: '$&' })).toEqual({
    value: { a: ['1/$&', 7, true, null], b: { c: '${ONE} $5 {ONE}' } },
    missing: new Map(),
  })
})

it('lists each missing name once, with the place that needs it; an empty value is missing', () => {
  const { missing } = fillIn({ a: '${ONE}', b: ['${TWO}', '${ONE}'] }, { TWO: '' })
  expect([...missing]).toEqual([
    ['ONE', 'a'],
    ['TWO', 'b.0'],
  ])
})

it.each([
  ['inputs.0.secret', true],
  ['inputs.0.key', false],
  ['inputs.0.mobile_analytics.access_keys.1.secret_access_key', true],
  ['inputs.0.mobile_analytics.access_keys.1.access_key_id', false],
  ['outputs.2.settings.secret_access_key', true],
  ['outputs.2.settings.access_key_id', false],
  ['connections.0.settings.secret_access_key', false],
])('knows whether a secret belongs at %s', (path, isSecret) => {
  expect(isSecretPath(path)).toBe(isSecret)
})

it('shows what would be added, removed and changed, items by their ids', () => {
  const next = told()
  next.outputs.push({ id: 'queue', name: '', kind: 'sqs', settings: { secret_access_key: masked } })
  next.connections[0]!.settings = { file_seconds: 60, bucket_name: 'events' }
  next.inputs.unshift({ ...next.inputs[0]!, id: 'app', key: 'app-key' })
  expect(changeLines(compareWorkspaces(told(), next))).toEqual([
    '~ connections.web-lake.settings.file_seconds: 30 -> 60',
    '- connections.web-lake.settings.use_compression: true',
    '+ inputs.app.allowed_origins: ["https://shop.example"]',
    '+ inputs.app.enabled: true',
    '+ inputs.app.id: "app"',
    '+ inputs.app.key: "app-key"',
    '+ inputs.app.name: ""',
    '+ inputs.app.platform: "web"',
    '+ inputs.app.secret: set',
    '+ outputs.queue.id: "queue"',
    '+ outputs.queue.kind: "sqs"',
    '+ outputs.queue.name: ""',
    '+ outputs.queue.settings.secret_access_key: set',
  ])
  expect(compareWorkspaces(next, next)).toEqual([])
})

it('lists versions in columns, and lets no note speak to the terminal', () => {
  const version = { version: 9, at_ms: Date.UTC(2026, 10, 21, 14, 5, 6), by: 'ada', changes: 2 }
  const lines = historyLines([
    { ...version, version: 10, note: 'the \u001b[2Jshop\nmoves' },
    { ...version, by: '', note: '', changes: null },
  ])
  expect(lines).toEqual([
    'version  time                  by   note               changes',
    '10       2026-11-21T14:05:06Z  ada  the [2Jshop moves  2',
    '9        2026-11-21T14:05:06Z  -    -                  ?',
  ])
})

it('writes secrets as names, keys in a stable order and types as they are', () => {
  expect(JSON.stringify(writtenWorkspace(told(), undefined, {}))).toBe(
    '{"inputs":[{"id":"web","platform":"web","key":"web-key","secret":"${WEB_SECRET}","enabled":true,' +
      '"allowed_origins":["https://shop.example"]}],"outputs":[{"id":"lake","kind":"s3","settings":' +
      '{"access_key_id":"AKID","secret_access_key":"${LAKE_SECRET_ACCESS_KEY}","aws_region":"eu-central-1"}}],' +
      '"connections":[{"id":"web-lake","input":"web","output":"lake","enabled":true,"shards":2,"settings":' +
      '{"bucket_name":"events","use_compression":true,"file_seconds":30}}],"audiences":[],"alerts":[]}'
  )
})

it('keeps the names a file uses as long as they mean what the deployment has', () => {
  const before = {
    inputs: [{ id: 'web', secret: '${SHOP_SECRET}', allowed_origins: ['https://${HOST}'] }],
    outputs: [
      {
        id: 'lake',
        settings: {
          access_key_id: '${KEY_ID}',
          aws_region: '${REGION}',
          secret_access_key: '${MY_KEY}',
        },
      },
    ],
  }
  const environment = { HOST: 'shop.example', REGION: 'us-east-1' }
  expect(writtenWorkspace(told(), before, environment)).toMatchObject({
    inputs: [{ secret: '${SHOP_SECRET}', allowed_origins: ['https://${HOST}'] }],
    outputs: [
      {
        settings: {
          access_key_id: '${KEY_ID}',
          aws_region: 'eu-central-1',
          secret_access_key: '${MY_KEY}',
        },
      },
    ],
  })
})

it('knows the secrets of access keys by the keys, in whichever order they come', () => {
  const rotated = told()
  const keyOf = (access_key_id: string) => ({
    access_key_id,
    secret_access_key: masked,
    enabled: true,
  })
  const app = { app_id: 'a', account_id: 'weir', environment: 'production' as const }
  const flags = { custom_as_user_attributes: false, strict_client_context: false }
  const access_keys = [keyOf('NEW'), keyOf('OLD')]
  rotated.inputs[0]!.mobile_analytics = { ...app, ...flags, access_keys }
  const before = {
    inputs: [
      {
        id: 'web',
        mobile_analytics: {
          access_keys: [{ access_key_id: 'OLD', secret_access_key: '${OLD_SECRET}' }],
        },
      },
    ],
  }
  expect(writtenWorkspace(rotated, before, {}).inputs).toMatchObject([
    {
      mobile_analytics: {
        access_keys: [
          { access_key_id: 'NEW', secret_access_key: '${WEB_SECRET_ACCESS_KEY}' },
          { access_key_id: 'OLD', secret_access_key: '${OLD_SECRET}' },
        ],
      },
    },
  ])
})

it('gives two secrets two names, also when their ids look alike', () => {
  const alike = told()
  const [lake] = alike.outputs
  alike.outputs = [
    { ...lake!, id: 'a-b' },
    { ...lake!, id: 'a_b' },
  ]
  const settings = { settings: { secret_access_key: '${A_B_SECRET_ACCESS_KEY_2}' } }
  expect(writtenWorkspace(alike, undefined, {}).outputs).toMatchObject([
    { settings: { secret_access_key: '${A_B_SECRET_ACCESS_KEY}' } },
    settings,
  ])
})

it('writes a text that looks like a name so that it stays a text', () => {
  const odd = told()
  odd.inputs[0]!.name = 'Shop ${NAME}'
  const written = writtenWorkspace(odd, undefined, {})
  expect(written.inputs).toMatchObject([{ name: 'Shop $${NAME}' }])
  expect(fillIn(written.inputs, { WEB_SECRET: 's' }).value).toMatchObject([
    { name: 'Shop ${NAME}' },
  ])
})
