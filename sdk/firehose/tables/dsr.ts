import type { DsrIdentities, DsrIdentity } from '../messages'
import { dsrIdentityTypes } from '../names'
import { type Field, isObject, map, object, required } from './field'
import { filled, text, word } from './scalars'

const identity = object<DsrIdentity>({
  encoding: required(word(['raw']), () => 'raw'),
  value: required(filled),
})

const identities = map(identity)

/** By type. A reader takes other types, too. */
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

// Past the year 5138 in seconds, and in 1973 in milliseconds.
const leastMs = 1e11
const decimalSeconds = /^-?\d+(?:\.\d+)?$/
const withZone = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)$/

const isoOf = (value: unknown): string | undefined => {
  const given = text.read(value)
  if (given === undefined) return undefined
  const number = decimalSeconds.test(given) ? Number(given) : Number.NaN
  const ms = Math.abs(number) < leastMs ? number * 1000 : number
  const date = new Date(Number.isNaN(ms) ? given : Math.trunc(ms))
  // Text that is no date stays: it may still mean something to somebody.
  return Number.isNaN(date.getTime()) ? given : date.toISOString()
}

/**
 * A time that comes as ISO text with any offset, or as seconds with a fraction. Read as ISO text in
 * UTC, to the millisecond; a number too large to be seconds is taken for milliseconds.
 */
export const submittedTime: Field<string> = {
  read: isoOf,
  check: (value, path) =>
    typeof value === 'string' && withZone.test(value) && !Number.isNaN(Date.parse(value))
      ? []
      : [{ path, message: 'must be a time in ISO 8601 with its offset' }],
}
