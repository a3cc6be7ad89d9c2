/** What the admin API's document uses of JSON Schema 2020-12. */
export interface Schema {
  $ref?: string
  type?: string | string[]
  const?: unknown
  enum?: unknown[]
  anyOf?: Schema[]
  oneOf?: Schema[]
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: boolean | Schema
  items?: Schema
  minItems?: number
  maxItems?: number
  minLength?: number
  maxLength?: number
  pattern?: string
  minimum?: number
  maximum?: number
  format?: string
  title?: string
  description?: string
  default?: unknown
}

export type Schemas = Record<string, Schema>

const keywords = new Set(
  (
    '$ref type const enum anyOf oneOf properties required additionalProperties items minItems ' +
    'maxItems minLength maxLength pattern minimum maximum format title description default'
  ).split(' ')
)

const prefix = '#/components/schemas/'

/** Words that are no keywords, and references that lead nowhere, by their places. */
export const schemaProblems = (schema: Schema, schemas: Schemas, path = ''): string[] => {
  const strange = Object.keys(schema).filter((name) => !keywords.has(name))
  const name = schema.$ref?.replace(prefix, '')
  const lost = name !== undefined && !schemas[name] ? [`${path}: ${schema.$ref}`] : []
  const { additionalProperties: more, items } = schema
  const parts: [string, Schema][] = [
    ...Object.entries(schema.properties ?? {}),
    ...(schema.anyOf ?? []).map((one, i): [string, Schema] => [`anyOf.${i}`, one]),
    ...(schema.oneOf ?? []).map((one, i): [string, Schema] => [`oneOf.${i}`, one]),
    ...(items ? [['items', items] as [string, Schema]] : []),
    ...(typeof more === 'object' ? [['*', more] as [string, Schema]] : []),
  ]
  if (schema.pattern !== undefined) new RegExp(schema.pattern, 'u')
  return [
    ...strange.map((one) => `${path}: ${one}`),
    ...lost,
    ...parts.flatMap(([key, one]) => schemaProblems(one, schemas, `${path}.${key}`)),
  ]
}

const typesOf = (value: unknown): string[] => {
  if (value === null) return ['null']
  if (Array.isArray(value)) return ['array']
  if (typeof value === 'number') return Number.isInteger(value) ? ['integer', 'number'] : ['number']
  return [typeof value]
}

const isOf = (type: string | string[], value: unknown): boolean =>
  typesOf(value).some((one) => [type].flat().includes(one))

const objectProblems = (value: object, schema: Schema, schemas: Schemas, at: string): string[] => {
  const { properties = {}, required = [], additionalProperties: more } = schema
  const lacking = required.filter((name) => !Object.hasOwn(value, name))
  return [
    ...lacking.map((name) => `${at}.${name} is missing`),
    ...Object.entries(value).flatMap(([name, one]) => {
      const own = properties[name] ?? (typeof more === 'object' ? more : undefined)
      if (own) return problemsOf(one, own, schemas, `${at}.${name}`)
      return more === false ? [`${at}.${name} is unknown`] : []
    }),
  ]
}

const textProblems = (value: string, schema: Schema, at: string): string[] => {
  const isWrong =
    (schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(value)) ||
    value.length < (schema.minLength ?? 0) ||
    value.length > (schema.maxLength ?? Number.POSITIVE_INFINITY)
  return isWrong ? [`${at}: ${value}`] : []
}

/** What is wrong with a value, by a schema that may refer to others. */
export const problemsOf = (value: unknown, schema: Schema, schemas: Schemas, at = ''): string[] => {
  const referred = schema.$ref ? schemas[schema.$ref.replace(prefix, '')] : undefined
  const found = referred ? problemsOf(value, referred, schemas, at) : []
  const fits = (one: Schema) => problemsOf(value, one, schemas, at).length === 0
  if (schema.type && !isOf(schema.type, value)) found.push(`${at} is no ${schema.type}`)
  if ('const' in schema && value !== schema.const) found.push(`${at} is not ${schema.const}`)
  if (schema.enum && !schema.enum.includes(value)) found.push(`${at} is none of ${schema.enum}`)
  if (schema.anyOf && !schema.anyOf.some(fits)) found.push(`${at} fits nothing`)
  if (schema.oneOf && schema.oneOf.filter(fits).length !== 1) found.push(`${at} fits not one`)
  if (typeof value === 'string') found.push(...textProblems(value, schema, at))
  if (typeof value === 'number') {
    if (value < (schema.minimum ?? -Infinity) || value > (schema.maximum ?? Infinity)) {
      found.push(`${at}: ${value}`)
    }
  }
  if (Array.isArray(value)) {
    const { items, maxItems = Infinity } = schema
    if (value.length > maxItems) found.push(`${at} is too long`)
    if (items) {
      found.push(...value.flatMap((one, i) => problemsOf(one, items, schemas, `${at}.${i}`)))
    }
  } else if (typeof value === 'object' && value !== null) {
    found.push(...objectProblems(value, schema, schemas, at))
  }
  return found
}
