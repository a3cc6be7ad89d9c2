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
  /** By the names that batches have for them: `customer_id`, `email`, `ios_idfv`. */
  identities: JsonObject
  submitted_ms: number
  /** A UUID. */
  subject_request_id: string
  regulation?: Regulation
}

// Events have names of their own for two of them.
const eventNames: Partial<Record<string, string>> = {
  controller_customer_id: 'customer',
  android_advertising_id: 'google_advertising_id',
}

const canonicalNames = new Map<string, string>([
  ['customer', 'customer_id'],
  ['email', 'email'],
  ...deviceFields,
])

const permittedValue = (
  type: DsrIdentityType,
  { registration, identities }: Pick<DsrFacts, 'registration' | 'identities'>
): string | undefined => {
  const { user_identities = [], device_identities = [] } = registration.permissions ?? {}
  const name = eventNames[type] ?? type
  // The protocol erases by raw identities only, and a hash would not be one.
  const isPermitted = [...user_identities, ...device_identities].some(
    (one) => one.type === name && one.encoding === 'raw'
  )
  return isPermitted ? textOf(identities[canonicalNames.get(name) ?? name]) : undefined
}

const leastMs = Date.parse('0001-01-01T00:00:00.000Z')
const mostMs = Date.parse('9999-12-31T23:59:59.999Z')

// Nobody stays because of a time that was mistyped: it becomes the nearest that can be written.
const writableMs = (ms: number): number => Math.min(Math.max(Math.trunc(ms) || 0, leastMs), mostMs)

/**
 * Asks an integration to erase what it has of a user, without the account. Undefined when the user
 * has no identity that the integration may know as it is and that the protocol can erase by.
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
  const submittedMs = writableMs(facts.submitted_ms)
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
