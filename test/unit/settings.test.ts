import { describe, expect, it } from 'vitest'
import { outputKinds } from '../../worker/outputs'
import { readSettings, readStoredSettings, secretIds, settings } from '../../worker/settings'

const rows = settings({
  name: { type: 'text', label: 'Name', help: 'Help.', source: 'weir', required: true },
  code: {
    type: 'text',
    label: 'Code',
    help: 'Help.',
    source: 'weir',
    pattern: '^[a-z]+$',
    patternHelp: 'must be letters',
  },
  bare: { type: 'text', label: 'Bare', help: 'Help.', source: 'weir', pattern: '^\\d+$' },
  region: { type: 'text', label: 'Region', help: 'Help.', source: 'weir', default: 'us-east-1' },
  link: { type: 'url', label: 'Link', help: 'Help.', source: 'weir' },
  password: { type: 'secret', label: 'Password', help: 'Help.', source: 'weir' },
  on: { type: 'switch', label: 'On', help: 'Help.', source: 'weir', default: true },
  wait: {
    type: 'number',
    label: 'Wait',
    help: 'Help.',
    source: 'weir',
    default: 5,
    unit: 'seconds',
    min: 1,
    max: 10,
  },
  method: {
    type: 'choice',
    label: 'Method',
    help: 'Help.',
    source: 'weir',
    default: 'none',
    choices: [
      { value: 'none', label: 'None' },
      { value: 'some', label: 'Some' },
    ],
    pattern: '^key:\\w+$',
    unsaveable: { value: 'UNSELECTED', message: 'Select a method.' },
  },
  fields: {
    type: 'list',
    label: 'Fields',
    help: 'Help.',
    source: 'weir',
    choices: [
      { value: 'a', label: 'A' },
      { value: 'b', label: 'B' },
    ],
    default: [],
  },
})

const defaults = {
  name: 'n',
  code: undefined,
  bare: undefined,
  region: 'us-east-1',
  link: undefined,
  password: undefined,
  on: true,
  wait: 5,
  method: 'none',
  fields: [],
}

describe('settings that are given', () => {
  it('get the defaults of those that are not, or null', () => {
    const nothing = { code: null, region: null, link: null, on: null, wait: null, fields: null }
    expect(readSettings(rows, { name: 'n', ...nothing })).toEqual({ ok: true, value: defaults })
    expect(readSettings(rows, { name: 'n' })).toEqual({ ok: true, value: defaults })
  })

  it.each([
    ['code', 'abc', 'abc'],
    ['code', '', undefined],
    ['region', '', 'us-east-1'],
    ['link', 'http://localhost:4566', 'http://localhost:4566'],
    ['link', '', undefined],
    ['password', 'p', 'p'],
    ['on', false, false],
    ['wait', 1, 1],
    ['wait', 10, 10],
    ['method', 'some', 'some'],
    ['method', 'key:abc', 'key:abc'],
    ['fields', ['b', 'a'], ['b', 'a']],
  ])('are read: %s = %j', (id, given, value) => {
    expect(readSettings(rows, { name: 'n', [id]: given })).toEqual({
      ok: true,
      value: { ...defaults, [id]: value },
    })
  })

  it.each([
    ['name', '', 'required', 'Name is required.'],
    ['name', 5, 'invalid_setting', 'Name must be text.'],
    ['code', 'A1', 'invalid_setting', 'Code must be letters.'],
    ['bare', 'x', 'invalid_setting', 'Bare must match ^\\d+$.'],
    [
      'link',
      'ftp://x',
      'invalid_setting',
      'Link must be a URL that begins with https:// or http://.',
    ],
    ['link', 'nope', 'invalid_setting', 'Link must be a URL that begins with https:// or http://.'],
    ['password', 5, 'invalid_setting', 'Password must be text.'],
    ['on', 'yes', 'invalid_setting', 'On must be true or false.'],
    ['wait', 0, 'invalid_setting', 'Wait must be a whole number of seconds from 1 to 10.'],
    ['wait', 11, 'invalid_setting', 'Wait must be a whole number of seconds from 1 to 10.'],
    ['wait', 1.5, 'invalid_setting', 'Wait must be a whole number of seconds from 1 to 10.'],
    ['wait', '5', 'invalid_setting', 'Wait must be a whole number of seconds from 1 to 10.'],
    ['method', 'other', 'invalid_setting', 'Method must be one of none, some.'],
    ['method', '', 'invalid_setting', 'Method must be one of none, some.'],
    ['method', 'UNSELECTED', 'invalid_setting', 'Select a method.'],
    ['fields', ['a', 'c'], 'invalid_setting', 'Fields must be a list of a, b.'],
    ['fields', 'a', 'invalid_setting', 'Fields must be a list of a, b.'],
    ['colour', 1, 'unknown_setting', 'colour is not a setting of this output.'],
    ['toString', 1, 'unknown_setting', 'toString is not a setting of this output.'],
  ])('are refused: %s = %j', (id, given, code, message) => {
    expect(readSettings(rows, { name: 'n', [id]: given })).toEqual({
      ok: false,
      problems: [{ code, path: id, message }],
    })
  })

  it('have all their problems told at once', () => {
    const read = readSettings(rows, { colour: 1, on: 'yes', wait: 0 })
    expect(read).toMatchObject({
      problems: [{ path: 'colour' }, { path: 'name' }, { path: 'on' }, { path: 'wait' }],
    })
  })

  it.each([[null], [[]], ['text'], [5]])('are refused whole when they are %j', (given) => {
    expect(readSettings(rows, given)).toMatchObject({ ok: false, problems: [{ path: '' }] })
  })
})

describe('settings that were stored', () => {
  it('count as not set when their rows no longer allow them', () => {
    const stored = { name: 5, region: 'eu', wait: 99, on: false, colour: 1 }
    expect(readStoredSettings(rows, stored)).toEqual({
      ...defaults,
      name: undefined,
      region: 'eu',
      on: false,
    })
  })

  it('are the defaults when there are none', () => {
    expect(readStoredSettings(rows, undefined)).toEqual({ ...defaults, name: undefined })
  })
})

describe('the rows of the outputs', () => {
  it('seal what nobody may see and nothing else', () => {
    const { sqs, s3, firehose } = outputKinds
    expect(secretIds(sqs.configuration)).toEqual(['secret_access_key'])
    expect(secretIds(s3.configuration)).toEqual(['secret_access_key'])
    expect(secretIds(firehose.configuration).sort()).toEqual([
      'oauth_client_secret',
      'secret_access_key',
      'token',
    ])
    // `mapOutput` of config/secrets.ts seals settings of outputs only.
    for (const { connection, triggers } of Object.values(outputKinds)) {
      expect(secretIds({ ...connection, ...triggers })).toEqual([])
    }
  })

  it.each(Object.entries(outputKinds))('of %s are labelled and explained', (_, kind) => {
    const all = Object.entries({ ...kind.configuration, ...kind.connection })
    for (const [id, row] of all) {
      expect(id).toMatch(/^[a-z0-9_]+$/)
      expect(row.label).not.toBe('')
      expect(row.help).toMatch(/\.$/)
    }
    expect(all.length).toBeGreaterThan(20)
  })
})
