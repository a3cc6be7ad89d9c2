import { type Batch, identityTypes, readIdentities } from '../batch'
import { exactText, readInt64 } from '../json'

const encoder = new TextEncoder()
const importHmacKey = (identityKey: string) => {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  return crypto.subtle.importKey('raw', encoder.encode(identityKey), algorithm, false, ['sign'])
}

const keys = new Map<string, ReturnType<typeof importHmacKey>>()

const hmacKey = (identityKey: string): ReturnType<typeof importHmacKey> => {
  const key = keys.get(identityKey) ?? importHmacKey(identityKey)
  keys.set(identityKey, key)
  return key
}

/** What names the user best: an identity, else the device, else the upload. */
const bestName = (batch: Batch): string => {
  const identities = readIdentities(batch.user_identities)
  const type = identityTypes.find((one) => identities[one])
  if (type) return `${type}:${identities[type]}`
  const device = exactText(batch.mp_deviceid)
  if (typeof device === 'string' && device !== '') return `device_application_stamp:${device}`
  const request = exactText(batch.source_request_id)
  if (typeof request === 'string' && request !== '') return `source_request_id:${request}`
  return `upload:${crypto.randomUUID()}`
}

/** A positive int64 as a decimal string, the same for the same name under the same key. */
export const deriveMpid = async (name: string, identityKey: string): Promise<string> => {
  const mac = await crypto.subtle.sign('HMAC', await hmacKey(identityKey), encoder.encode(name))
  const mpid = new DataView(mac).getBigUint64(0) >> 1n
  return String(mpid || 1n)
}

/** The profile of a batch: the client's mpid, else one derived without asking any storage. */
export const mpidOf = (batch: Batch, identityKey: () => string): string | Promise<string> => {
  const given = readInt64(batch.mpid)
  return given !== undefined && given !== '0' ? given : deriveMpid(bestName(batch), identityKey())
}
