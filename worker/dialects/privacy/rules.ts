import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { toHex } from '../../base/hash'
import { exactText, type Json, stringifyJson } from '../../base/json'
import { identityType } from '../../batch'
import type { Privacy, roots } from './settings'

export type Root = (typeof roots)[number] | 'mp_deviceid'
export type Action = 'hash' | 'drop'

/** The redaction rules of an input. */
export interface FieldRules {
  ip: Privacy['ip']
  user_agent: Privacy['user_agent']
  /** Whether any rule is about a name below this root. */
  has: (root: Root) => boolean
  actionFor: (root: Root, name: string) => Action | undefined
  /** Hashes a value, or each entry of a list. Empty values stay empty. */
  hash: (value: Json) => Json
}

const encoder = new TextEncoder()
const anyName = '*'

/**
 * Makes the hash function of a deployment: HMAC-SHA-256 of the trimmed text, 64 hex digits, with a
 * key derived from the identity key. Equal texts have equal hashes in all fields.
 */
export const hashOf = (identityKey: string): ((text: string) => string) => {
  const key = keyOf(identityKey)
  return (text) => toHex(hmac(sha256, key, encoder.encode(text.trim())))
}

let keyInUse: { identityKey: string; key: Uint8Array } | undefined

const keyOf = (identityKey: string): Uint8Array => {
  if (keyInUse?.identityKey === identityKey) return keyInUse.key
  const key = hmac(sha256, encoder.encode(identityKey), encoder.encode('weir privacy'))
  keyInUse = { identityKey, key }
  return key
}

const hashValue = (value: Json, hash: (text: string) => string): Json => {
  const plain = exactText(value) ?? null
  if (plain === null || plain === '') return plain
  if (Array.isArray(plain)) return plain.map((item) => hashValue(item, hash))
  return hash(typeof plain === 'object' ? stringifyJson(plain) : String(plain))
}

const canonical = (root: Root, name: string): string =>
  root === 'user_identities' ? identityType(name) : name

const actionsOf = ({ hash, drop }: Privacy): Map<string, Map<string, Action>> => {
  const actions = new Map<string, Map<string, Action>>()
  const add = (path: string, action: Action): void => {
    const dot = path.indexOf('.')
    const root = (dot < 0 ? path : path.slice(0, dot)) as Root
    const name = dot < 0 ? '' : canonical(root, path.slice(dot + 1))
    actions.set(root, (actions.get(root) ?? new Map()).set(name, action))
  }
  for (const path of hash) add(path, 'hash')
  for (const path of drop) add(path, 'drop')
  return actions
}

const deviceStamp = 'device_application_stamp'

const deviceStampAction = (actions: ReturnType<typeof actionsOf>): Action | undefined =>
  actions.get('mp_deviceid')?.get('') ?? actions.get('user_identities')?.get(deviceStamp)

const makeRules = (privacy: Privacy, identityKey: () => string): FieldRules | undefined => {
  const { ip, user_agent } = privacy
  const actions = actionsOf(privacy)
  if (ip === 'keep' && user_agent === 'keep' && actions.size === 0) return undefined
  const hash = hashOf(identityKey())
  return {
    ip,
    user_agent,
    has: (root) =>
      actions.has(root) || (root === 'user_identities' && deviceStampAction(actions) !== undefined),
    actionFor: (root, name) => {
      // Identity requests have the device id among the identities.
      if (root === 'user_identities' && name === deviceStamp) return deviceStampAction(actions)
      const byName = actions.get(root)
      return byName?.get(canonical(root, name)) ?? byName?.get(anyName)
    },
    hash: (value) => hashValue(value, hash),
  }
}

const cache = new WeakMap<Privacy, { rules: FieldRules | undefined }>()

/** The redaction rules of an input; undefined when it has none. */
export const fieldRulesOf = (
  privacy: Privacy | undefined,
  identityKey: () => string
): FieldRules | undefined => {
  if (!privacy) return undefined
  const cached = cache.get(privacy) ?? { rules: makeRules(privacy, identityKey) }
  cache.set(privacy, cached)
  return cached.rules
}
