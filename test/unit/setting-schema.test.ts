import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { inputSettings } from '../../worker/config/input'
import { readWorkspaceFile } from '../../worker/config/workspace-file'
import { settingsSchema } from '../../worker/setting-schema'
import { rowAt, type SettingTable, settings } from '../../worker/settings'
import { deployment } from '../support/workspace'

const table = settings({
  name: { type: 'text', label: 'Name', help: 'Help.', default: '' },
  code: { type: 'text', label: 'Code', help: 'Help.', required: true, minLength: 1 },
  until: { type: 'time', label: 'Until', help: 'Help.' },
  sites: { type: 'list', label: 'Sites', help: 'Help.', default: ['*'] },
  part: {
    type: 'group',
    label: 'Part',
    help: 'Help.',
    rows: { isOn: { type: 'switch', label: 'On', help: 'Help.', default: true } },
  },
  parts: {
    type: 'groups',
    label: 'Parts',
    help: 'Help.',
    rows: { word: { type: 'secret', label: 'Word', help: 'Help.', required: true, minLength: 8 } },
  },
})
const schema = settingsSchema(table)

describe('the schema of a settings table', () => {
  it('fills in defaults, and leaves out what has none and groups that are not there', () => {
    const value = { name: '', code: 'c', sites: ['*'], parts: [] }
    expect(v.parse(schema, { code: 'c' })).toEqual(value)
    expect(v.parse(schema, { code: 'c', part: {} })).toEqual({ ...value, part: { isOn: true } })
  })

  it('gives each value a list of its own', () => {
    v.parse(schema, { code: 'c' }).sites.push('changed')
    expect(v.parse(schema, { code: 'c' }).sites).toEqual(['*'])
  })

  it.each([
    [{}, 'code', ''],
    [{ code: '' }, 'code', 'must not be empty'],
    [{ code: null }, 'code', 'must be text'],
    [{ code: 'c', until: 'soon' }, 'until', 'must be a time such as 2027-01-31T00:00:00Z'],
    [{ code: 'c', sites: 'a' }, 'sites', 'must be a list of names'],
    [{ code: 'c', sites: ['a', ''] }, 'sites.1', 'must be a list of names'],
    [{ code: 'c', part: 5 }, 'part', 'must be an object'],
    [{ code: 'c', part: { isOn: 'yes' } }, 'part.isOn', 'must be true or false'],
    [{ code: 'c', parts: {} }, 'parts', 'must be a list'],
    [{ code: 'c', parts: [{ word: 'w' }] }, 'parts.0.word', 'must have at least 8 characters'],
    [{ code: 'c', parts: [{}] }, 'parts.0.word', ''],
    [{ code: 'c', colour: 1 }, 'colour', ''],
  ])('refuses %j', (given, path, message) => {
    const { issues = [] } = v.safeParse(schema, given)
    expect(issues.map((issue) => v.getDotPath(issue))).toEqual([path])
    expect(issues[0]?.message).toContain(message)
  })
})

it.each([
  [['sites', '1'], 'Sites'],
  [['part', 'isOn'], 'On'],
  [['parts', '7', 'word'], 'Word'],
  [['parts', '7', 'colour'], undefined],
  [['name', 'more'], undefined],
  [['toString'], undefined],
])('knows the row at %j', (path, label) => {
  expect(rowAt(table, path)?.label).toBe(label)
})

const rowsOf = (rows: SettingTable): [string, SettingTable[string]][] =>
  Object.entries(rows).flatMap(([id, row]) => [
    [id, row],
    ...('rows' in row ? rowsOf(row.rows) : []),
  ])

it.each(rowsOf(inputSettings))('%s of inputs is plain JSON, labelled and explained', (id, row) => {
  expect(id).toMatch(/^[a-z0-9_]+$/)
  expect(row.label).not.toBe('')
  expect(row.help).toMatch(/\.$/)
  expect(JSON.parse(JSON.stringify(row))).toEqual(row)
})

it('names a setting of an input by its label, and its place by its path', () => {
  const web = { key: 'web-key', allowed_origins: ['shop.example'], firehose: {}, colour: 1 }
  const limits = { requests_per_minute: 0.5 }
  const read = readWorkspaceFile({ inputs: [{ id: 'web', ...web, limits }] }, deployment)
  const problems = read.ok ? [] : read.problems
  expect(problems.map(({ code, path, message }) => `${code} ${path}: ${message}`)).toEqual([
    'invalid inputs.0.allowed_origins.0: Allowed Origins must be * or scheme://host[:port].',
    'invalid inputs.0.limits.requests_per_minute: Requests per Minute must be a whole number of requests from 1 to 100000000.',
    'required inputs.0.firehose.token: Token is required.',
    'unknown_field inputs.0.colour: inputs.0.colour is not a field of the workspace.',
  ])
})
