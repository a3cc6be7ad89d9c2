import { describe, expect, it } from 'vitest'
import { inputSettings } from '../../../worker/config/input'
import { nameOf } from '../../../worker/console/forms/form-field'
import { inputSections } from '../../../worker/console/inputs/sections'
import type { SettingTable } from '../../../worker/settings'

const pathsOf = (rows: SettingTable, path: string[] = []): string[] =>
  Object.entries(rows).flatMap(([id, row]) => {
    if (!('rows' in row)) return [[...path, id].join('.')]
    // The form has each entry of a list in a place of its own.
    return pathsOf(row.rows, [...path, id, ...(row.type === 'groups' ? ['0'] : [])])
  })

const fieldsOf = (item: Record<string, unknown>, isNew = false): string[] =>
  inputSections(item, isNew).flatMap(({ fields }) => fields.map(nameOf))

describe('the form of an input', () => {
  it('has a field for each setting and no other, and one for the id while it is new', () => {
    expect(fieldsOf({}, true).sort()).toEqual(pathsOf(inputSettings).sort())
    expect(fieldsOf({})).not.toContain('id')
  })

  it('asks whether there is a group only where an empty one means something', () => {
    const groups = inputSections({}, false).flatMap(
      ({ optional }) => optional?.path.join('.') ?? []
    )
    expect(groups.sort()).toEqual(['firehose', 'mobile_analytics', 'privacy.consent'])
  })

  it.each([
    ['a list', [{ access_key_id: 'one' }, { access_key_id: 'two' }]],
    ['places', { 0: { access_key_id: 'one' }, 1: { access_key_id: 'two' } }],
  ])('has fields for each access key of %s and for one more', (_, access_keys) => {
    const sections = inputSections({ mobile_analytics: { access_keys } }, false)
    const ids = sections.flatMap(({ fields }) =>
      fields.filter((field) => nameOf(field).endsWith('.access_key_id'))
    )
    expect(ids.map(({ row }) => row.label)).toEqual([
      'Access Key 1: Access Key ID',
      'Access Key 2: Access Key ID',
      'Access Key 3: Access Key ID',
    ])
  })
})
