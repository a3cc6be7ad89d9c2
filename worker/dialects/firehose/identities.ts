import { exactText, isObject, type Json, type JsonObject, own } from '../../base/json'
import { identityType } from '../../batch'
import { deviceFields } from '../../connections/firehose/identities'
import { textOf } from './fields'

/** The entries of a list of identities, by kind. */
export interface SortedIdentities {
  /** Plain values by their names in the batch. */
  named: Record<string, string>
  /** Hashes, which must not be taken for plain values. */
  hashed: JsonObject[]
  /** Invalid entries and second values of a type, unchanged. */
  unread: Json[]
}

// The other types have the names of the batch or of the Identity API.
const userName = (type: string): string =>
  type === 'customer' ? 'customer_id' : identityType(type)

const deviceNames: Record<string, string> = {
  ...Object.fromEntries(deviceFields),
  apple_push_notification_token: 'push_token',
  google_cloud_messaging_token: 'push_token',
}

const deviceName = (type: string): string => own(deviceNames, type) ?? type

/** The batch's name of an identity type, for each kind of identity. */
export const identityNames = {
  user: userName,
  device: deviceName,
  partner: (type: string): string => type,
}

/** Reads one identity, with its type and the batch's name of it; undefined when it is invalid. */
export const readIdentity = (
  value: Json,
  nameOf: (type: string) => string
): { type: string; name: string; encoding: string; value: string } | undefined => {
  if (!isObject(value)) return undefined
  const [type, encoding] = [textOf(value.type), textOf(value.encoding)]
  const text = typeof value.value === 'number' ? String(value.value) : exactText(value.value)
  const isIdentity = type !== undefined && encoding !== undefined && typeof text === 'string'
  return isIdentity && text !== '' ? { type, name: nameOf(type), encoding, value: text } : undefined
}

/**
 * Reads a list of identities. A second value of a type goes under the type's own name if that is
 * free.
 */
export const sortIdentities = (
  value: Json | undefined,
  nameOf: (type: string) => string
): SortedIdentities => {
  const named = new Map<string, string>()
  const hashed: JsonObject[] = []
  const unread: Json[] = []
  const list = Array.isArray(value) ? value : [value ?? []].flat()
  for (const entry of list) {
    const identity = readIdentity(entry, nameOf)
    if (!identity) {
      unread.push(entry)
      continue
    }
    const { type, name, encoding } = identity
    const freeName = [name, type].find((candidate) => !named.has(candidate))
    if (encoding !== 'raw') hashed.push({ type: name, encoding, value: identity.value })
    else if (freeName !== undefined) named.set(freeName, identity.value)
    else if (named.get(name) !== identity.value) unread.push(entry)
  }
  return { named: Object.fromEntries(named), hashed, unread }
}
