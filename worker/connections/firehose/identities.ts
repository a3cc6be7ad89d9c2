import { md5, sha1 } from '@noble/hashes/legacy.js'
import { sha256 } from '@noble/hashes/sha2.js'
import {
  type DeviceIdentityType,
  type Encoding,
  type RuntimeType,
  type UserIdentityType,
  userIdentityTypes,
} from '../../../sdk/firehose/names'
import type { IdentityPermission, Permissions } from '../../../sdk/firehose/registration'
import { toHex } from '../../base/hash'
import { isObject, type Json, type JsonObject } from '../../base/json'
import { textOf } from './values'

/** An identity as it is sent. */
export interface SentIdentity extends JsonObject {
  type: string
  encoding: Encoding
  value: string
}

/** The identities of a message that the integration may see. */
export interface Identified {
  user_identities: SentIdentity[]
  device_identities: SentIdentity[]
  partner_identities: SentIdentity[]
}

const encoder = new TextEncoder()
// Other systems compare hashes of lower-case values.
const hashed =
  (hash: (bytes: Uint8Array) => Uint8Array) =>
  (value: string): string =>
    toHex(hash(encoder.encode(value.toLowerCase())))

const encode: Record<Encoding, (value: string) => string> = {
  raw: (value) => value,
  md5: hashed(md5),
  sha1: hashed(sha1),
  sha256: hashed(sha256),
}

// An unknown encoding in a registration must not be taken for raw.
const isEncoding = (name: string): name is Encoding => Object.hasOwn(encode, name)

const hexDigits = new Map<string, number>([
  ['md5', 32],
  ['sha1', 40],
  ['sha256', 64],
])

/**
 * The hashed identities of a batch, with the type names of batches. Invalid hashes are left out.
 */
export const readHashes = (list: Json | undefined): SentIdentity[] =>
  (Array.isArray(list) ? list : []).filter(isObject).flatMap((entry) => {
    const type = textOf(entry.type)
    const encoding = textOf(entry.encoding)
    const value = textOf(entry.value)
    if (type === undefined || encoding === undefined || value === undefined) return []
    // A raw value that is labelled as a hash must not be sent.
    const isHash = /^[\da-f]+$/i.test(value) && value.length === hexDigits.get(encoding)
    return isHash && isEncoding(encoding) ? [{ type, encoding, value }] : []
  })

type RawIdentities = readonly (readonly [type: string, value: string | undefined])[]

const permitted = (
  identities: RawIdentities,
  hashes: SentIdentity[],
  permissions: readonly IdentityPermission[] = []
): SentIdentity[] => {
  const encoded = identities.flatMap(([type, value]) => {
    const permission = permissions.find((candidate) => candidate.type === type)
    if (!permission || !value || !isEncoding(permission.encoding)) return []
    const { encoding } = permission
    return [{ type, encoding, value: encode[encoding](value) }]
  })
  // A hash can be forwarded only where the permission asks for the same encoding.
  const forwarded = permissions.flatMap(({ type, encoding }) => {
    if (encoded.some((identity) => identity.type === type)) return []
    return hashes.find((hash) => hash.type === type && hash.encoding === encoding) ?? []
  })
  return [...encoded, ...forwarded]
}

const renamed = (
  hashes: SentIdentity[],
  nameOf: (type: string) => string | undefined
): SentIdentity[] =>
  hashes.flatMap((hash) => {
    const type = nameOf(hash.type)
    return type === undefined ? [] : [{ ...hash, type }]
  })

const canonicalType = (type: UserIdentityType): string =>
  type === 'customer' ? 'customer_id' : type.replace(/^other(\d+)$/, 'other_id_$1')

const userTypes = new Map(userIdentityTypes.map((type) => [canonicalType(type), type]))

/**
 * Converts user identities, given by their types in batches. Types that the protocol lacks are left
 * out.
 */
export const userIdentities = (
  identities: JsonObject,
  permissions: Permissions,
  hashes: SentIdentity[] = []
): SentIdentity[] => {
  const known = Object.entries(identities).flatMap(([type, value]) => {
    const name = userTypes.get(type)
    return name ? [[name, textOf(value)] as const] : []
  })
  const userHashes = renamed(hashes, (type) => userTypes.get(type))
  return permitted(known, userHashes, permissions.user_identities)
}

/** The field of `device_info` that holds each; the type of a push token depends on the platform. */
export const deviceFields: readonly (readonly [DeviceIdentityType, field: string])[] = [
  ['android_id', 'android_uuid'],
  ['google_advertising_id', 'android_advertising_id'],
  ['ios_advertising_id', 'ios_advertising_id'],
  ['ios_vendor_id', 'ios_idfv'],
  ['roku_advertising_id', 'roku_advertising_id'],
  ['roku_publisher_id', 'roku_publisher_id'],
  ['microsoft_advertising_id', 'microsoft_advertising_id'],
  ['microsoft_publisher_id', 'microsoft_publisher_id'],
  ['fire_advertising_id', 'fire_advertising_id'],
]

const pushTokens: Partial<Record<RuntimeType, DeviceIdentityType>> = {
  ios: 'apple_push_notification_token',
  tvos: 'apple_push_notification_token',
  android: 'google_cloud_messaging_token',
}

export const deviceIdentities = (
  { info, runtime }: { info: JsonObject; runtime: RuntimeType },
  permissions: Permissions,
  hashes: SentIdentity[] = []
): SentIdentity[] => {
  const token = pushTokens[runtime]
  const fields = token ? [...deviceFields, [token, 'push_token'] as const] : deviceFields
  const known = fields.map(([type, field]) => [type, textOf(info[field])] as const)
  const deviceHashes = renamed(hashes, (name) => fields.find(([, field]) => field === name)?.[0])
  return permitted(known, deviceHashes, permissions.device_identities)
}

const deviceNames = new Set<string>([...deviceFields.map(([, field]) => field), 'push_token'])

export const partnerIdentities = (
  identities: JsonObject,
  permissions: Permissions,
  hashes: SentIdentity[] = []
): SentIdentity[] => {
  const known = Object.entries(identities).map(([type, value]) => [type, textOf(value)] as const)
  const partnerHashes = hashes.filter(({ type }) => !userTypes.has(type) && !deviceNames.has(type))
  return permitted(known, partnerHashes, permissions.partner_identities)
}

const kinds = ['user_identities', 'device_identities', 'partner_identities'] as const

/**
 * True when the user has at least one of the identities that the integration requires, or it
 * requires none.
 */
export const hasRequired = (identified: Identified, permissions: Permissions): boolean => {
  const present = kinds.flatMap((kind) => {
    const listed: readonly IdentityPermission[] = permissions[kind] ?? []
    return listed
      .filter(({ required }) => required)
      .map(({ type }) => identified[kind].some((identity) => identity.type === type))
  })
  return present.length === 0 || present.includes(true)
}
