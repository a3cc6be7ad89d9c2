import type * as v from 'valibot'

/** A schema of JSON Schema 2020-12, which OpenAPI 3.1 takes. */
export type Schema = Record<string, unknown>

/** What is read of a Valibot schema or of an action in its pipe. */
interface Node {
  type: string
  kind: string
  entries?: Record<string, Node>
  wrapped?: Node
  item?: Node
  value?: Node
  options?: unknown
  default?: unknown
  requirement?: unknown
  pipe?: Node[]
}

const ofAction = ({ type, requirement }: Node, isList: boolean): Schema => {
  const size = isList ? 'Items' : 'Length'
  if (type === 'regex' && requirement instanceof RegExp) return { pattern: requirement.source }
  if (type === 'integer') return { type: 'integer' }
  if (type === 'min_value') return { minimum: requirement }
  if (type === 'max_value') return { maximum: requirement }
  if (type === 'min_length') return { [`min${size}`]: requirement }
  if (type === 'max_length') return { [`max${size}`]: requirement }
  if (type === 'iso_timestamp') return { format: 'date-time' }
  return {}
}

const ofObject = ({ type, entries = {} }: Node): Schema => {
  const required = Object.entries(entries).flatMap(([name, one]) =>
    one.type === 'optional' ? [] : [name]
  )
  return {
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(entries).map(([name, one]) => [name, convert(one)])
    ),
    ...(required.length === 0 ? {} : { required }),
    ...(type === 'strict_object' ? { additionalProperties: false } : {}),
  }
}

const defaultOf = ({ default: given }: Node): Schema => {
  const value: unknown = typeof given === 'function' ? given() : given
  return value === undefined ? {} : { default: value }
}

const ofType = (node: Node): Schema => {
  switch (node.type) {
    case 'optional':
      return { ...(node.wrapped ? convert(node.wrapped) : {}), ...defaultOf(node) }
    case 'strict_object':
    case 'object':
      return ofObject(node)
    case 'array':
      return { type: 'array', ...(node.item ? { items: convert(node.item) } : {}) }
    case 'record':
      return {
        type: 'object',
        ...(node.value ? { additionalProperties: convert(node.value) } : {}),
      }
    case 'picklist':
      return { enum: node.options }
    case 'string':
    case 'number':
    case 'boolean':
      return { type: node.type }
    case 'custom':
      return { type: 'object' }
    case 'unknown':
      return {}
    default:
      throw new Error(`There is no translation of ${node.type}.`)
  }
}

const convert = (node: Node): Schema => {
  const isList = node.type === 'array'
  const actions = (node.pipe ?? []).filter(({ kind }) => kind === 'validation')
  return Object.assign(ofType(node), ...actions.map((one) => ofAction(one, isList)))
}

/** @throws Error for what it does not know, which a test would have met */
export const fromValibot = (schema: v.GenericSchema): Schema =>
  // Their types tell less than what they are made of.
  convert(schema as unknown as Node)
