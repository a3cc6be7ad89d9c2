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

/** An identity as it goes out. */
export interface SentIdentity extends JsonObject {
  type: string
  encoding: Encoding
  value: string
}

/** Who a message is about, as far as the integration may know. */
export interface Identified {
  user_identities: SentIdentity[]
  device_identities: SentIdentity[]
  partner_identities: SentIdentity[]
}

const encoder = new TextEncoder()
// Other systems hash the same addresses to compare: all of them in lower case.
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

// A registration that names another encoding must not get the identity raw.
const isEncoding = (name: string): name is Encoding => Object.hasOwn(encode, name)

const hexDigits = new Map<string, number>([
  ['md5', 32],
  ['sha1', 40],
  ['sha256', 64],
])

/** Identities that a batch has as hashes only, by their names in it. What is no hash is none. */
export const readHashes = (given: Json | undefined): SentIdentity[] =>
  (Array.isArray(given) ? given : []).filter(isObject).flatMap((one) => {
    const [type, encoding, value] = [textOf(one.type), textOf(one.encoding), textOf(one.value)]
    if (type === undefined || encoding === undefined || value === undefined) return []
    // What only calls itself a hash must not pass as one.
    const isHash = /^[\da-f]+$/i.test(value) && value.length === hexDigits.get(encoding)
    return isHash && isEncoding(encoding) ? [{ type, encoding, value }] : []
  })

type Named = readonly (readonly [type: string, value: string | undefined])[]

const permitted = (
  given: Named,
  hashes: SentIdentity[],
  permissions: readonly IdentityPermission[] = []
): SentIdentity[] => {
  const encoded = given.flatMap(([type, value]) => {
    const permission = permissions.find((one) => one.type === type)
    if (!permission || !value || !isEncoding(permission.encoding)) return []
    const { encoding } = permission
    return [{ type, encoding, value: encode[encoding](value) }]
  })
  // A hash is of use only where the same one was asked for.
  const handedOn = permissions.flatMap(({ type, encoding }) => {
    if (encoded.some((one) => one.type === type)) return []
    return hashes.find((one) => one.type === type && one.encoding === encoding) ?? []
  })
  return [...encoded, ...handedOn]
}

const renamed = (
  hashes: SentIdentity[],
  nameOf: (type: string) => string | undefined
): SentIdentity[] =>
  hashes.flatMap((one) => {
    const type = nameOf(one.type)
    return type === undefined ? [] : [{ ...one, type }]
  })

const canonicalType = (type: UserIdentityType): string =>
  type === 'customer' ? 'customer_id' : type.replace(/^other(\d+)$/, 'other_id_$1')

const userTypes = new Map(userIdentityTypes.map((type) => [canonicalType(type), type]))

/** User identities by canonical type; what has no slot in the protocol is left out. */
export const userIdentities = (
  identities: JsonObject,
  permissions: Permissions,
  hashes: SentIdentity[] = []
): SentIdentity[] => {
  const given = Object.entries(identities).flatMap(([type, value]) => {
    const name = userTypes.get(type)
    return name ? [[name, textOf(value)] as const] : []
  })
  const own = renamed(hashes, (type) => userTypes.get(type))
  return permitted(given, own, permissions.user_identities)
}

/** Where `device_info` has each; a push token is one of the platform's. */
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
  const given = fields.map(([type, field]) => [type, textOf(info[field])] as const)
  const own = renamed(hashes, (name) => fields.find(([, field]) => field === name)?.[0])
  return permitted(given, own, permissions.device_identities)
}

const deviceNames = new Set<string>([...deviceFields.map(([, field]) => field), 'push_token'])

export const partnerIdentities = (
  identities: JsonObject,
  permissions: Permissions,
  hashes: SentIdentity[] = []
): SentIdentity[] => {
  const given = Object.entries(identities).map(([type, value]) => [type, textOf(value)] as const)
  const own = hashes.filter(({ type }) => !userTypes.has(type) && !deviceNames.has(type))
  return permitted(given, own, permissions.partner_identities)
}

const kinds = ['user_identities', 'device_identities', 'partner_identities'] as const

/** Whether a user has one of the identities that the integration requires, if it requires any. */
export const hasRequired = (identified: Identified, permissions: Permissions): boolean => {
  const present = kinds.flatMap((kind) => {
    const listed: readonly IdentityPermission[] = permissions[kind] ?? []
    return listed
      .filter(({ required }) => required)
      .map(({ type }) => identified[kind].some((one) => one.type === type))
  })
  return present.length === 0 || present.includes(true)
}
