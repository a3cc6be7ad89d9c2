/**
 * What weir needs of JSON Schema draft 3: current validators do not read its `required` inside of
 * properties.
 */
export interface Schema {
  id?: string
  /** The `id` of another schema. */
  $ref?: string
  type?: string
  required?: boolean
  enum?: unknown[]
  properties?: Record<string, Schema>
  additionalProperties?: Schema
  items?: Schema
}

const typeOf = (value: unknown): string => {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value
}

const isOfType = (value: unknown, type: string): boolean =>
  typeOf(value) === type || (type === 'number' && typeof value === 'number')

/** All schemas that have an id, of those given and within them. */
export const byId = (schemas: Schema[]): Map<string, Schema> => {
  const found = new Map<string, Schema>()
  const visit = (schema: Schema): void => {
    if (schema.id && schema.properties && !found.has(schema.id)) found.set(schema.id, schema)
    const { properties = {}, items, additionalProperties } = schema
    for (const one of [...Object.values(properties), items, additionalProperties]) {
      if (one) visit(one)
    }
  }
  schemas.forEach(visit)
  return found
}

/** What is wrong with values, by schemas that refer to each other. */
export class Draft3 {
  constructor(private readonly referred: Map<string, Schema>) {}

  /**
   * Where a value is not what its schema says, one sentence each. Strict: a property that the
   * schema does not name is none.
   */
  violations(value: unknown, given: Schema, path = ''): string[] {
    const schema = given.$ref ? (this.referred.get(given.$ref) ?? given) : given
    if (schema.type && !isOfType(value, schema.type)) {
      return [`${path} is ${typeOf(value)}, not ${schema.type}`]
    }
    if (schema.enum && !schema.enum.includes(value)) return [`${path} is ${String(value)}`]
    if (Array.isArray(value)) {
      const { items } = schema
      return items ? value.flatMap((one, i) => this.violations(one, items, `${path}.${i}`)) : []
    }
    return typeof value === 'object' && value !== null ? this.#inObject(value, schema, path) : []
  }

  #inObject(value: object, schema: Schema, path: string): string[] {
    const { properties = {}, additionalProperties } = schema
    const missing = Object.entries(properties)
      .filter(([name, one]) => one.required && !Object.hasOwn(value, name))
      .map(([name]) => `${path}.${name} is missing`)
    const wrong = Object.entries(value).flatMap(([name, one]) => {
      const at = `${path}.${name}`
      const known = Object.hasOwn(properties, name) ? properties[name] : additionalProperties
      if (known) return this.violations(one, known, at)
      return schema.properties ? [`${at} is not known`] : []
    })
    return [...missing, ...wrong]
  }
}
