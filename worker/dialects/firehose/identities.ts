import { exactText, isObject, type Json, type JsonObject, own } from '../../base/json'
import { identityType } from '../../batch'
import { deviceFields } from '../../connections/firehose/identities'
import { textOf } from './fields'

/** What a list of identities says. */
export interface SortedIdentities {
  /** The raw ones by their names in the batch. */
  named: Record<string, string>
  /** Those that are hashes, which must not pose as what they were made of. */
  hashed: JsonObject[]
  /** What is no identity, or says again what another one says, as it came. */
  unread: Json[]
}

// The others are called the same, or as in the Identity API.
const userName = (type: string): string =>
  type === 'customer' ? 'customer_id' : identityType(type)

const deviceNames: Record<string, string> = {
  ...Object.fromEntries(deviceFields),
  apple_push_notification_token: 'push_token',
  google_cloud_messaging_token: 'push_token',
}

const deviceName = (type: string): string => own(deviceNames, type) ?? type

/** Names of the batch by those of user, device and partner identities. */
export const identityNames = {
  user: userName,
  device: deviceName,
  partner: (type: string): string => type,
}

/** An identity with its type by its name in the batch; undefined when it is none. */
export const readIdentity = (
  value: Json,
  nameOf: (type: string) => string
): { type: string; name: string; encoding: string; value: string } | undefined => {
  if (!isObject(value)) return undefined
  const [type, encoding] = [textOf(value.type), textOf(value.encoding)]
  const given = typeof value.value === 'number' ? String(value.value) : exactText(value.value)
  const isIdentity = type !== undefined && encoding !== undefined && typeof given === 'string'
  return isIdentity && given !== ''
    ? { type, name: nameOf(type), encoding, value: given }
    : undefined
}

/** Reads a list of identities. */
export const sortIdentities = (
  given: Json | undefined,
  nameOf: (type: string) => string
): SortedIdentities => {
  const named = new Map<string, string>()
  const hashed: JsonObject[] = []
  const unread: Json[] = []
  const list = Array.isArray(given) ? given : [given ?? []].flat()
  for (const one of list) {
    const identity = readIdentity(one, nameOf)
    if (!identity) {
      unread.push(one)
      continue
    }
    const { type, name, encoding, value } = identity
    const free = [name, type].find((known) => !named.has(known))
    if (encoding !== 'raw') hashed.push({ type: name, encoding, value })
    else if (free !== undefined) named.set(free, value)
    else if (named.get(name) !== value) unread.push(one)
  }
  return { named: Object.fromEntries(named), hashed, unread }
}
