import { type HmacKey, hmac, importHmacKey } from '../base/hmac'
import { exactText, type Json, readInt64 } from '../base/json'
import { type Batch, identityTypes, readIdentities } from '../batch'

const keys = new Map<string, Promise<HmacKey>>()

const hmacKey = (identityKey: string): Promise<HmacKey> => {
  const key = keys.get(identityKey) ?? importHmacKey(identityKey)
  keys.set(identityKey, key)
  return key
}

export interface NamedBy {
  type: string
  identity: string
}

/** What names the user best: an identity, else the device. */
export const namedBy = ({ user_identities, mp_deviceid }: Batch): NamedBy | undefined => {
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

export const nameOf = ({ type, identity }: NamedBy): string => `${type}:${identity}`

const userName = (user: Batch): string | undefined => {
  const named = namedBy(user)
  return named && nameOf(named)
}

const uploadName = (batch: Batch): string => {
  const request = exactText(batch.source_request_id)
  return typeof request === 'string' && request !== ''
    ? `source_request_id:${request}`
    : `upload:${crypto.randomUUID()}`
}

/** The mpid that derives from a name, of the name's MAC: a positive int64 as a decimal string. */
export const mpidOfMac = (mac: ArrayBuffer): string => {
  const mpid = new DataView(mac).getBigUint64(0) >> 1n
  return String(mpid || 1n)
}

/** A positive int64 as a decimal string, the same for the same name under the same key. */
export const deriveMpid = async (name: string, identityKey: string): Promise<string> =>
  mpidOfMac(await hmac(await hmacKey(identityKey), name))

/** An mpid that a client gives, as a decimal string; 0 is none. */
export const readMpid = (value: Json | undefined): string | undefined => {
  const mpid = readInt64(value)
  return mpid === '0' ? undefined : mpid
}

/**
 * The profile to which the batches with these identities and this device go. Undefined when there
 * are neither: no other batch would ever go there.
 */
export const mpidOfUser = (user: Batch, identityKey: () => string): Promise<string> | undefined => {
  const name = userName(user)
  return name === undefined ? undefined : deriveMpid(name, identityKey())
}

/**
 * The profile of a batch: the client's mpid, else one derived without asking any storage, from the
 * user or, when it names none, from the upload.
 */
export const mpidOf = (batch: Batch, identityKey: () => string): string | Promise<string> =>
  readMpid(batch.mpid) ?? deriveMpid(userName(batch) ?? uploadName(batch), identityKey())
