import type { Problem } from '../errors'

/**
 * The type of a message's field: a lenient rule for reading, and a strict one for writing, which
 * accepts only what the protocol has.
 */
export interface Field<T> {
  /** Converts a value; undefined when that is impossible. Never throws. */
  read(value: unknown): T | undefined
  /** Checks a value that is to be written. */
  check(value: unknown, path: string): Problem[]
}

export interface RequiredField<T> extends Field<T> {
  /** The value when it is missing. Undefined: the whole object cannot be read. */
  missing(): T | undefined
}

/** A field for each property of T: required for required properties, optional for others. */
export type Fields<T> = {
  [K in keyof T]-?: Partial<Pick<T, K>> extends Pick<T, K>
    ? Field<Exclude<T[K], undefined>>
    : RequiredField<T[K]>
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const isMissing = (value: unknown): value is null | undefined =>
  value === null || value === undefined

const under = (path: string, key: string | number): string => (path ? `${path}.${key}` : `${key}`)

const isRequired = (field: Field<unknown>): field is RequiredField<unknown> => 'missing' in field

/** A required field. An object without it is not read, unless `missing` has a substitute. */
export const required = <T>(
  field: Field<T>,
  missing: () => T | undefined = () => undefined
): RequiredField<T> => ({
  read: (value) => field.read(value),
  check: (value, path) =>
    isMissing(value) || value === ''
      ? [{ path, message: 'is required' }]
      : field.check(value, path),
  missing,
})

const readFields = (source: Record<string, unknown>, fields: Record<string, Field<unknown>>) => {
  // fromEntries, because an assignment to `__proto__` would not create a property.
  const read = Object.fromEntries(
    Object.entries(source).flatMap(([key, value]) => {
      const field = Object.hasOwn(fields, key) ? fields[key] : undefined
      if (!field) return [[key, value]]
      const converted = isMissing(value) ? undefined : field.read(value)
      return converted === undefined ? [] : [[key, converted]]
    })
  )
  for (const [key, field] of Object.entries(fields)) {
    if (Object.hasOwn(read, key) || !isRequired(field)) continue
    const value = field.missing()
    if (value === undefined) return undefined
    read[key] = value
  }
  return read
}

const checkFields = (
  value: Record<string, unknown>,
  fields: Record<string, Field<unknown>>,
  path: string
): Problem[] => {
  const unknown = Object.keys(value)
    .filter((key) => !Object.hasOwn(fields, key))
    .map((key) => ({ path: under(path, key), message: 'is not part of the protocol' }))
  const known = Object.entries(fields).flatMap(([key, field]) => {
    const member = value[key]
    if (isMissing(member) && !isRequired(field)) return []
    return field.check(member, under(path, key))
  })
  return [...unknown, ...known]
}

/** An object. Reading keeps unknown fields unchanged, and leaves out null ones. */
export const object = <T extends object>(fields: Fields<T>): Field<T> => {
  const table: Record<string, Field<unknown>> = { ...fields }
  return {
    // `Fields<T>` guarantees that every field of T is converted, and every required one present.
    read: (value) => (isObject(value) ? (readFields(value, table) as T | undefined) : undefined),
    check: (value, path) =>
      isObject(value) ? checkFields(value, table, path) : [{ path, message: 'must be an object' }],
  }
}

/** A list. Reading leaves out items that cannot be converted. */
export const list = <T>(item: Field<T>): Field<T[]> => ({
  read: (value) =>
    Array.isArray(value)
      ? value.flatMap((entry) => {
          const read = item.read(entry)
          return read === undefined ? [] : [read]
        })
      : undefined,
  check: (value, path) =>
    Array.isArray(value)
      ? value.flatMap((entry, i) => item.check(entry, under(path, i)))
      : [{ path, message: 'must be a list' }],
})

/** An object with arbitrary keys. */
export const map = <T>(item: Field<T>): Field<Record<string, T>> => ({
  read: (value) =>
    isObject(value)
      ? Object.fromEntries(
          Object.entries(value).flatMap(([key, entry]) => {
            const read = item.read(entry)
            return read === undefined ? [] : [[key, read]]
          })
        )
      : undefined,
  check: (value, path) =>
    isObject(value)
      ? Object.entries(value).flatMap(([key, entry]) => item.check(entry, under(path, key)))
      : [{ path, message: 'must be an object' }],
})

type Kind<T extends { type: string }, Type> = T extends unknown
  ? Type extends T['type']
    ? T
    : never
  : never

/** One of several objects, distinguished by `type`; `other` is for unknown types. */
export const variants = <T extends { type: string }, Other>(
  kinds: { [Type in T['type']]: Field<Kind<T, Type>> },
  other: Field<Other>
): Field<T | Other> => {
  const table: Record<string, Field<T>> = kinds
  const kindOf = (value: unknown): Field<T | Other> => {
    const type = isObject(value) ? value.type : undefined
    return (typeof type === 'string' && Object.hasOwn(table, type) && table[type]) || other
  }
  return {
    read: (value) => kindOf(value).read(value),
    check: (value, path) => kindOf(value).check(value, path),
  }
}
