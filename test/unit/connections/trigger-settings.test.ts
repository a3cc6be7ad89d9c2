import { describe, expect, it } from 'vitest'
import type { Trigger } from '../../../worker/audiences/trigger'
import { outputKinds } from '../../../worker/outputs'
import type { SettingRows } from '../../../worker/settings'
import {
  applied,
  fieldsOf,
  type Given,
  type Kind,
  kindsOf,
  readTriggers,
  type Sent,
  sent,
  trigger,
} from '../../support/triggers'

interface SettingRow {
  kind: Kind
  setting: string
  settings: Given
  effect: (message: Sent) => unknown
  before: unknown
  after: unknown
}

const all = ['plan', 'age', 'tags', 'email', 'customer_id']
const shared = (kind: Kind): SettingRow[] => [
  {
    kind,
    setting: 'audience_events',
    settings: { audience_events: 'enters' },
    effect: kindsOf,
    before: ['exit lapsed', 'enter vip'],
    after: ['enter vip'],
  },
  {
    kind,
    setting: 'audience_events',
    settings: { audience_events: 'exits' },
    effect: kindsOf,
    before: ['exit lapsed', 'enter vip'],
    after: ['exit lapsed'],
  },
  {
    kind,
    setting: 'user_fields',
    settings: { user_fields: ['email', 'plan', 'gone'] },
    effect: fieldsOf,
    before: all,
    after: ['plan', 'email'],
  },
]

const attribute = (message: Sent) => message.attributes
const lane = (message: Sent) => message.lane

const rows: SettingRow[] = [
  ...shared('sqs'),
  ...shared('s3'),
  {
    kind: 'sqs',
    setting: 'message_attributes',
    settings: { message_attributes: ['plan', 'age', 'email', 'tags', 'gone'] },
    effect: attribute,
    before: {},
    after: { plan: 'pro', age: 42, email: 'ada@example.org', tags: '["a","b"]' },
  },
  {
    kind: 'sqs',
    setting: 'max_message_bytes',
    settings: { max_message_bytes: 1024 },
    effect: ({ body }) => 'bio' in body.data,
    before: true,
    after: false,
  },
  ...['event_time', 'upload_time', 'event_time_or_upload_time'].map((value) => ({
    kind: 's3' as const,
    setting: 'store_by_date',
    settings: { store_by_date: value },
    effect: lane,
    before: '/audiences',
    after: '2026-06-15/audiences',
  })),
]

describe('a trigger setting', () => {
  const bio = { attributes: { ...trigger.attributes } }
  const changedFor = ({ setting }: SettingRow): Partial<Trigger> =>
    setting === 'max_message_bytes' ? { attributes: { bio: 'x'.repeat(2000) } } : bio

  it.each(rows.map((row) => [row.kind, row.setting, row.settings, row] as const))(
    'of %s, %s %j, has its effect',
    (kind, _, settings, row) => {
      expect(row.effect(sent(kind, {}, changedFor(row)))).toEqual(row.before)
      expect(row.effect(sent(kind, settings, changedFor(row)))).toEqual(row.after)
    }
  )

  // What these do is not in the message: the outbox and the requests obey them.
  const elsewhere = {
    sqs: ['queue_url', 'aws_region', 'existing_users', 'retention_hours'],
    s3: [
      'bucket_name',
      'folder_name',
      'server_side_encryption',
      'use_compression',
      'file_seconds',
      'file_bytes',
      'existing_users',
      'retention_hours',
    ],
  }

  const choicesOf = (rowsOf: SettingRows, setting: string): unknown[] => {
    const row = rowsOf[setting]
    if (row?.type !== 'choice') return []
    const { unsaveable, default: usual } = row
    return row.choices
      .map(({ value }) => value)
      .filter((value) => value !== usual && value !== unsaveable?.value && value !== 'none')
  }

  it.each(['sqs', 's3'] as const)('of %s has a row here for each of its choices', (kind) => {
    const { triggers } = outputKinds[kind]
    const ownRows = rows.filter((row) => row.kind === kind)
    const covered = new Set(ownRows.map(({ setting }) => setting))
    const names = Object.keys(triggers).filter((name) => !elsewhere[kind].includes(name))
    expect(names.filter((name) => !covered.has(name))).toEqual([])
    for (const name of names) {
      const values = ownRows
        .filter(({ setting }) => setting === name)
        .map(({ settings }) => settings[name])
      for (const choice of choicesOf(triggers, name)) expect(values).toContain(choice)
    }
  })

  it('counts what it leaves out', () => {
    const result = applied('sqs', { audience_events: 'enters' })
    expect([result.accepted, result.filtered]).toEqual([2, { audience_events: 1 }])
    const none = applied(
      'sqs',
      { audience_events: 'exits' },
      { changes: trigger.changes.filter(({ event }) => event === 'enter') }
    )
    expect(none).toEqual({ deliveries: [], accepted: 1, filtered: { audience_events: 1 } })
  })

  it.each<[Kind, Given, string]>([
    [
      'sqs',
      { message_attributes: Array.from({ length: 11 }, (_, i) => `a${i}`) },
      'invalid_setting message_attributes',
    ],
    ['sqs', { message_attributes: 'email' }, 'invalid_setting message_attributes'],
    ['sqs', { message_attributes: [''] }, 'invalid_setting message_attributes'],
    [
      'sqs',
      { user_fields: Array.from({ length: 101 }, (_, i) => `f${i}`) },
      'invalid_setting user_fields',
    ],
    ['sqs', { audience_events: 'some' }, 'invalid_setting audience_events'],
    ['sqs', { existing_users: 'yes' }, 'invalid_setting existing_users'],
    ['sqs', { aws_region: '' }, 'required aws_region'],
    ['sqs', { aws_region: 'EU!' }, 'invalid_setting aws_region'],
    [
      'sqs',
      { queue_url: 'https://sqs.eu-west-1.amazonaws.com/events' },
      'invalid_setting queue_url',
    ],
    ['sqs', { max_message_bytes: 1023 }, 'invalid_setting max_message_bytes'],
    ['sqs', { send_screen_views: true }, 'unknown_setting send_screen_views'],
    ['s3', { message_attributes: ['email'] }, 'unknown_setting message_attributes'],
    ['s3', { bucket_name: '' }, 'required bucket_name'],
    ['s3', { store_by_date: 'UNSELECTED' }, 'invalid_setting store_by_date'],
    ['s3', { folder_name: '../x' }, 'invalid_setting folder_name'],
  ])('of %s is refused as %j', (kind, settings, problem) => {
    const result = readTriggers(kind, settings)
    expect(result.ok ? [] : result.problems.map(({ code, path }) => `${code} ${path}`)).toEqual([
      problem,
    ])
  })

  it('may name ten attributes and a hundred fields', () => {
    const names = (length: number) => Array.from({ length }, (_, i) => `n${i}`)
    expect(readTriggers('sqs', { message_attributes: names(10), user_fields: names(100) }).ok).toBe(
      true
    )
  })
})
