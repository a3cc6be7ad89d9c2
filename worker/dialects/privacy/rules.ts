import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { toHex } from '../../base/hash'
import { exactText, type Json, stringifyJson } from '../../base/json'
import { identityType } from '../../batch'
import type { Privacy, roots } from './settings'

export type Root = (typeof roots)[number] | 'mp_deviceid'
export type Action = 'hash' | 'drop'

/** What is to become of the fields of a body. */
export interface FieldRules {
  ip: Privacy['ip']
  user_agent: Privacy['user_agent']
  /** Whether any name below this root is meant. */
  has: (root: Root) => boolean
  actionFor: (root: Root, name: string) => Action | undefined
  /** A value's hash; of a list, those of its entries. What is empty stays so. */
  hash: (value: Json) => Json
}

const encoder = new TextEncoder()
const all = '*'

/**
 * The hash of a text, 64 hex digits: HMAC-SHA-256 of the text without blanks around it, with a key
 * that derives from the deployment's. The same text has the same hash wherever it stands.
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
  if (Array.isArray(plain)) return plain.map((one) => hashValue(one, hash))
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

const stampAction = (actions: ReturnType<typeof actionsOf>): Action | undefined =>
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
      actions.has(root) || (root === 'user_identities' && stampAction(actions) !== undefined),
    actionFor: (root, name) => {
      // Identity requests name the device among the identities.
      if (root === 'user_identities' && name === deviceStamp) return stampAction(actions)
      const named = actions.get(root)
      return named?.get(canonical(root, name)) ?? named?.get(all)
    },
    hash: (value) => hashValue(value, hash),
  }
}

const made = new WeakMap<Privacy, { rules: FieldRules | undefined }>()

/** The rules about fields; undefined when there are none. */
export const fieldRulesOf = (
  privacy: Privacy | undefined,
  identityKey: () => string
): FieldRules | undefined => {
  if (!privacy) return undefined
  const known = made.get(privacy) ?? { rules: makeRules(privacy, identityKey) }
  made.set(privacy, known)
  return known.rules
}
