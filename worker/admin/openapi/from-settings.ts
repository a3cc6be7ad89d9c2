import type { JsonSchema } from '@valibot/to-json-schema'
import type { SettingRow, SettingRows } from '../../settings'

const valueSchema = (row: SettingRow): JsonSchema => {
  switch (row.type) {
    case 'text':
      return { type: 'string', ...(row.pattern ? { pattern: `^$|${row.pattern}` } : {}) }
    case 'url':
      return { type: 'string' }
    case 'time':
      return { type: 'string', format: 'date-time' }
    case 'secret':
      return { type: 'string', format: 'password' }
    case 'switch':
      return { type: 'boolean' }
    case 'number':
      return { type: 'integer', minimum: row.min, maximum: row.max }
    case 'choice': {
      const values = row.choices.map(({ value }) => value)
      return row.pattern
        ? { anyOf: [{ enum: values }, { type: 'string', pattern: row.pattern }] }
        : { enum: values }
    }
    case 'list':
      return row.choices
        ? { type: 'array', items: { enum: row.choices.map(({ value }) => value) } }
        : { type: 'array', items: { type: 'string', minLength: 1 }, maxItems: row.most }
    case 'values':
      return { type: 'object' }
  }
}

const described = (row: SettingRow): JsonSchema => ({
  title: row.label,
  description: row.type === 'number' ? `${row.help} Unit: ${row.unit}.` : row.help,
  ...valueSchema(row),
  ...('default' in row && row.default !== undefined ? { default: row.default } : {}),
})

/** A table of settings as the schema of the object that holds their values. */
export const fromSettings = (rows: SettingRows): JsonSchema => ({
  type: 'object',
  properties: Object.fromEntries(Object.entries(rows).map(([id, row]) => [id, described(row)])),
  additionalProperties: false,
})
