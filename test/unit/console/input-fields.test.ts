import { expect, it } from 'vitest'
import { inputSchema } from '../../../worker/config/input'
import { nameOf } from '../../../worker/console/forms/form-field'
import { inputSections } from '../../../worker/console/inputs/pages'

// What a schema of Valibot looks like from outside.
interface Schema {
  type: string
  wrapped?: Schema
  default?: unknown
  entries?: Record<string, Schema>
  item?: Schema
  options?: string[]
  pipe?: { type: string; requirement?: unknown }[]
}

interface Leaf {
  default: unknown
  options: string[] | undefined
  min: unknown
  max: unknown
}

const limitOf = ({ pipe = [] }: Schema, type: string): unknown =>
  pipe.find((one) => one.type === type)?.requirement

const leaves = (schema: Schema, path: string[], fallback: unknown): [string, Leaf][] => {
  if (schema.wrapped) return leaves(schema.wrapped, path, schema.default)
  if (schema.entries) {
    return Object.entries(schema.entries).flatMap(([name, one]) =>
      leaves(one, [...path, name], undefined)
    )
  }
  // Access keys, the only list of groups: the form has each in a place of its own.
  if (schema.item?.entries) return leaves(schema.item, [...path, '0'], undefined)
  const { options } = schema
  const [min, max] = [limitOf(schema, 'min_value'), limitOf(schema, 'max_value')]
  return [[path.join('.'), { default: fallback, options, min, max }]]
}

const known = leaves(inputSchema as unknown as Schema, [], undefined)
const fields = new Map(
  inputSections({}, true)
    .flatMap((section) => section.fields)
    .map((field) => [nameOf(field), field.row])
)

it('has a field for each thing that an input may say, and no other', () => {
  expect([...fields.keys()].sort()).toEqual(known.map(([name]) => name).sort())
})

it.each(known)('knows the choices, limits and default of %s', (name, leaf) => {
  const row = fields.get(name)
  expect(row?.type === 'choice' ? row.choices.map((one) => one.value) : undefined).toEqual(
    leaf.options
  )
  if (row?.type === 'number') expect([row.min, row.max]).toEqual([leaf.min, leaf.max])
  const isPlain = typeof leaf.default !== 'function' && !Array.isArray(leaf.default)
  // A name is the empty text when it is not given.
  const fallback = isPlain && leaf.default !== '' ? leaf.default : undefined
  expect(row && 'default' in row ? row.default : undefined).toEqual(fallback)
})
