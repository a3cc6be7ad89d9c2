import {
  type DsrIdentityType,
  dsrIdentityTypes,
  firehoseVersion,
  type Regulation,
} from '../../../sdk/firehose/names'
import type { Registration } from '../../../sdk/firehose/registration'
import { identityType } from '../../batch'
import { uuidFrom } from '../../hash'
import { type JsonObject, stringifyJson } from '../../json'
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
  const isPermitted = [...user_identities, ...device_identities].some((one) => one.type === name)
  return isPermitted ? textOf(identities[canonicalNames.get(name) ?? name]) : undefined
}

/**
 * Asks an integration to erase what it has of a user, without the account. Undefined when the user
 * has no identity that the integration may know and that the protocol can erase by.
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
  const text = stringifyJson({
    type: 'dsr_processing_request',
    id: uuidFrom(`${facts.registration.name} ${facts.subject_request_id}`),
    timestamp_ms: facts.submitted_ms,
    firehose_version: firehoseVersion,
    subject_request_id: facts.subject_request_id,
    subject_request_type: 'erasure',
    submitted_time: new Date(facts.submitted_ms).toISOString(),
    subject_identities,
    api_version: '3.0',
    regulation: facts.regulation ?? 'unknown',
  })
  return { text }
}
