import { type HmacKey, hmac, importHmacKey } from '../base/hmac'
import { exactText, type Json, readInt64 } from '../base/json'
import { type Batch, identityTypes, readIdentities } from '../batch'

// Importing a key takes longer than signing with it.
const importedKeys = new Map<string, Promise<HmacKey>>()

const hmacKey = (identityKey: string): Promise<HmacKey> => {
  const key = importedKeys.get(identityKey) ?? importHmacKey(identityKey)
  importedKeys.set(identityKey, key)
  return key
}

/** The identity from which a user's mpid derives. */
export interface NamingIdentity {
  type: string
  identity: string
}

/** The best identity of a user, in the order of `identityTypes`, else the device. */
export const namingIdentity = ({
  user_identities,
  mp_deviceid,
}: Batch): NamingIdentity | undefined => {
  const identities = readIdentities(user_identities)
  for (const type of identityTypes) {
    const identity = identities[type]
    if (identity) return { type, identity }
  }
  const device = exactText(mp_deviceid)
  return typeof device === 'string' && device !== ''
    ? { type: 'device_application_stamp', identity: device }
    : undefined
}

export const nameOf = ({ type, identity }: NamingIdentity): string => `${type}:${identity}`

const userName = (user: Batch): string | undefined => {
  const identity = namingIdentity(user)
  return identity && nameOf(identity)
}

const uploadName = (batch: Batch): string => {
  const request = exactText(batch.source_request_id)
  return typeof request === 'string' && request !== ''
    ? `source_request_id:${request}`
    : `upload:${crypto.randomUUID()}`
}

/** The mpid of a name's MAC: its first 63 bits as a decimal string, never 0. */
export const mpidOfMac = (mac: ArrayBuffer): string => {
  const mpid = new DataView(mac).getBigUint64(0) >> 1n
  return String(mpid || 1n)
}

/** The mpid of a name: a positive int64 as a decimal string, always the same under the same key. */
export const deriveMpid = async (name: string, identityKey: string): Promise<string> =>
  mpidOfMac(await hmac(await hmacKey(identityKey), name))

/** An mpid that a client sent, as a decimal string; undefined for 0 and all that is no int64. */
export const readMpid = (value: Json | undefined): string | undefined => {
  const mpid = readInt64(value)
  return mpid === '0' ? undefined : mpid
}

/**
 * The mpid of batches with these identities and this device; undefined when there are neither, and
 * each batch gets an mpid of its own.
 */
export const mpidOfUser = (user: Batch, identityKey: () => string): Promise<string> | undefined => {
  const name = userName(user)
  return name === undefined ? undefined : deriveMpid(name, identityKey())
}

/**
 * The mpid of a batch: the client's own, else one that is derived, without storage, from the user
 * or, when the batch names none, from the upload.
 */
export const mpidOf = (batch: Batch, identityKey: () => string): string | Promise<string> =>
  readMpid(batch.mpid) ?? deriveMpid(userName(batch) ?? uploadName(batch), identityKey())
