import type { Problem } from '../errors'

/**
 * What a field of a message may be: one rule for reading, which makes do with what comes, and one
 * for writing, which takes nothing but what the protocol has.
 */
export interface Field<T> {
  /** Undefined: nothing could be made of it. Never throws. */
  read(value: unknown): T | undefined
  /** What is wrong with a value that is to be written. */
  check(value: unknown, path: string): Problem[]
}

export interface RequiredField<T> extends Field<T> {
  /** What a reader takes when it is missing. Undefined: the object is worth nothing without. */
  missing(): T | undefined
}

/** A field for each property of T, whatever is optional in T being optional. */
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

/** A field that must be there. Without a substitute, an object that lacks it is not read. */
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
  // Built from entries: an assignment to `__proto__` would be lost.
  const read = Object.fromEntries(
    Object.entries(source).flatMap(([key, value]) => {
      const field = Object.hasOwn(fields, key) ? fields[key] : undefined
      const kept = field && (isMissing(value) ? undefined : field.read(value))
      return field && kept === undefined ? [] : [[key, field ? kept : value]]
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
    const given = value[key]
    if (isMissing(given) && !isRequired(field)) return []
    return field.check(given, under(path, key))
  })
  return [...unknown, ...known]
}

/** An object. A reader keeps what it does not know of, as it came, and leaves out what is null. */
export const object = <T extends object>(fields: Fields<T>): Field<T> => {
  const table: Record<string, Field<unknown>> = { ...fields }
  return {
    // The type of the table is that each field of T is read, and those that T requires are there.
    read: (value) => (isObject(value) ? (readFields(value, table) as T | undefined) : undefined),
    check: (value, path) =>
      isObject(value) ? checkFields(value, table, path) : [{ path, message: 'must be an object' }],
  }
}

/** A list. A reader leaves out items of which nothing can be made. */
export const list = <T>(item: Field<T>): Field<T[]> => ({
  read: (value) =>
    Array.isArray(value)
      ? value.flatMap((one) => {
          const read = item.read(one)
          return read === undefined ? [] : [read]
        })
      : undefined,
  check: (value, path) =>
    Array.isArray(value)
      ? value.flatMap((one, i) => item.check(one, under(path, i)))
      : [{ path, message: 'must be a list' }],
})

/** An object whose keys are free. */
export const map = <T>(item: Field<T>): Field<Record<string, T>> => ({
  read: (value) =>
    isObject(value)
      ? Object.fromEntries(
          Object.entries(value).flatMap(([key, one]) => {
            const read = item.read(one)
            return read === undefined ? [] : [[key, read]]
          })
        )
      : undefined,
  check: (value, path) =>
    isObject(value)
      ? Object.entries(value).flatMap(([key, one]) => item.check(one, under(path, key)))
      : [{ path, message: 'must be an object' }],
})

type Kind<T extends { type: string }, Type> = T extends unknown
  ? Type extends T['type']
    ? T
    : never
  : never

/** One of several kinds of objects, told apart by `type`; what is of none is left to `other`. */
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
