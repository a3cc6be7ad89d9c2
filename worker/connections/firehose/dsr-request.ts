import {
  type DsrIdentityType,
  dsrIdentityTypes,
  firehoseVersion,
  type Regulation,
} from '../../../sdk/firehose/names'
import type { Registration } from '../../../sdk/firehose/registration'
import { uuidFrom } from '../../base/hash'
import { type JsonObject, stringifyJson } from '../../base/json'
import { identityType } from '../../batch'
import { deviceFields } from './identities'
import { textOf } from './values'

interface DsrFacts {
  registration: Registration
  /** By their names in batches: `customer_id`, `email`, `ios_idfv`. */
  identities: JsonObject
  submitted_ms: number
  /** A UUID. */
  subject_request_id: string
  regulation?: Regulation
}

// Two types of identity have another name in permissions than in erasure requests.
const permissionNames: Partial<Record<string, string>> = {
  controller_customer_id: 'customer',
  android_advertising_id: 'google_advertising_id',
}

// The names of identities in batches, by their names in permissions.
const batchNames = new Map<string, string>([
  ['customer', 'customer_id'],
  ['email', 'email'],
  ...deviceFields,
])

const permittedValue = (
  type: DsrIdentityType,
  { registration, identities }: Pick<DsrFacts, 'registration' | 'identities'>
): string | undefined => {
  const { user_identities = [], device_identities = [] } = registration.permissions ?? {}
  const name = permissionNames[type] ?? type
  // An erasure request has raw identities only.
  const isPermitted = [...user_identities, ...device_identities].some(
    (permission) => permission.type === name && permission.encoding === 'raw'
  )
  return isPermitted ? textOf(identities[batchNames.get(name) ?? name]) : undefined
}

const leastMs = Date.parse('0001-01-01T00:00:00.000Z')
const mostMs = Date.parse('9999-12-31T23:59:59.999Z')

// Clamps a time to the years that ISO 8601 can express: a wrong time must not prevent an erasure.
const clampMs = (ms: number): number => Math.min(Math.max(Math.trunc(ms) || 0, leastMs), mostMs)

/**
 * The request, without its account, that asks an integration to erase a user. Undefined when the
 * user has no identity that the protocol can erase by and that the integration may see unhashed.
 */
export const dsrRequest = (facts: DsrFacts): { text: string } | undefined => {
  const identities = Object.fromEntries(
    Object.entries(facts.identities).map(([name, value]) => [identityType(name), value])
  )
  const subject_identities = Object.fromEntries(
    dsrIdentityTypes.flatMap((type) => {
      const value = permittedValue(type, { ...facts, identities })
      return value === undefined ? [] : [[type, { encoding: 'raw', value }]]
    })
  )
  if (Object.keys(subject_identities).length === 0) return undefined
  const submittedMs = clampMs(facts.submitted_ms)
  const text = stringifyJson({
    type: 'dsr_processing_request',
    id: uuidFrom(`${facts.registration.name} ${facts.subject_request_id}`),
    timestamp_ms: submittedMs,
    firehose_version: firehoseVersion,
    subject_request_id: facts.subject_request_id,
    subject_request_type: 'erasure',
    submitted_time: new Date(submittedMs).toISOString(),
    subject_identities,
    api_version: '3.0',
    regulation: facts.regulation ?? 'unknown',
  })
  return { text }
}
