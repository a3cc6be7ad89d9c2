import type { DsrIdentities, DsrIdentity } from '../messages'
import { dsrIdentityTypes } from '../names'
import { type Field, isObject, map, object, required } from './field'
import { filled, text, word } from './scalars'

const identity = object<DsrIdentity>({
  encoding: required(word(['raw']), () => 'raw'),
  value: required(filled),
})

const identities = map(identity)

/** Identities by type. Reading accepts unknown types. */
export const dsrIdentities: Field<DsrIdentities> = {
  read: (value) => identities.read(value),
  check: (value, path) => {
    const types: readonly string[] = dsrIdentityTypes
    const unknown = isObject(value)
      ? Object.keys(value).filter((type) => !types.includes(type))
      : []
    return [
      ...identities.check(value, path),
      ...unknown.map((type) => ({ path: `${path}.${type}`, message: 'is no identity of DSRs' })),
    ]
  },
}

// 1e11 seconds are the year 5138, 1e11 milliseconds are 1973: larger numbers are milliseconds.
const leastMs = 1e11
const decimalSeconds = /^-?\d+(?:\.\d+)?$/
const withZone = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)$/

const isoOf = (value: unknown): string | undefined => {
  const time = text.read(value)
  if (time === undefined) return undefined
  const number = decimalSeconds.test(time) ? Number(time) : Number.NaN
  const ms = Math.abs(number) < leastMs ? number * 1000 : number
  const date = new Date(Number.isNaN(ms) ? time : Math.trunc(ms))
  // Text that is no date is kept unchanged.
  return Number.isNaN(date.getTime()) ? time : date.toISOString()
}

/**
 * A time, received as ISO 8601 text or as a number of seconds with a fraction. The result of
 * reading is ISO 8601 text in UTC with milliseconds. A number too large for seconds is
 * milliseconds.
 */
export const submittedTime: Field<string> = {
  read: isoOf,
  check: (value, path) =>
    typeof value === 'string' && withZone.test(value) && !Number.isNaN(Date.parse(value))
      ? []
      : [{ path, message: 'must be a time in ISO 8601 with its offset' }],
}
