import { toHex } from '../base/hash'
import { hmac, importHmacKey } from '../base/hmac'

/**
 * Secrets at rest are encrypted by AES-256-GCM with a key derived from `CONFIG_KEY`. The secret's
 * path in the workspace is authenticated with it, so that a sealed secret cannot be moved to
 * another output. Form: `sealed:1:<key id>:<iv>:<ciphertext>`, the last two in base64.
 */
const prefix = 'sealed:1:'

export const isSealed = (value: unknown): value is string =>
  typeof value === 'string' && value.startsWith(prefix)

const encoder = new TextEncoder()

// Derived from key, place and secret, so that saving a secret again gives the same text. An IV
// repeats only with all three the same, which is harmless.
const ivOf = async (secret: string, place: string, configKey: string) => {
  const mac = await hmac(await importHmacKey(`iv ${configKey}`), `${place}\0${secret}`)
  return new Uint8Array(mac).slice(0, 12)
}

const keyOf = async (configKey: string) => {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(configKey)))
  const idDigest = new Uint8Array(await crypto.subtle.digest('SHA-256', digest))
  const key = await crypto.subtle.importKey('raw', digest, 'AES-GCM', false, ['encrypt', 'decrypt'])
  return { id: toHex(idDigest.slice(0, 4)), key }
}

const toBase64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes))
const fromBase64 = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text), (char) => char.charCodeAt(0))

/** @param place the path of the secret in the workspace: `outputs.lake.secret_access_key` */
export const seal = async (secret: string, place: string, configKey: string): Promise<string> => {
  const { id, key } = await keyOf(configKey)
  const iv = await ivOf(secret, place, configKey)
  const algorithm = { name: 'AES-GCM', iv, additionalData: encoder.encode(place) }
  const sealed = await crypto.subtle.encrypt(algorithm, key, encoder.encode(secret))
  return `${prefix}${id}:${toBase64(iv)}:${toBase64(new Uint8Array(sealed))}`
}

/** Secrets are sealed with the current key, and opened with either. */
export interface ConfigKeys {
  current: string
  previous?: string | undefined
}

/** The key that opens a secret; `lost`: none of the deployment's keys does. */
export type SealedUnder = 'current' | 'previous' | 'lost'

const partsOf = (sealed: string): string[] => sealed.slice(prefix.length).split(':')

const keyFor = async (keyId: string, { current, previous }: ConfigKeys) => {
  const currentKey = await keyOf(current)
  if (currentKey.id === keyId) return { under: 'current', key: currentKey.key } as const
  const previousKey = previous ? await keyOf(previous) : undefined
  return previousKey?.id === keyId
    ? ({ under: 'previous', key: previousKey.key } as const)
    : undefined
}

export const sealedUnder = async (sealed: string, keys: ConfigKeys): Promise<SealedUnder> =>
  (await keyFor(partsOf(sealed)[0] ?? '', keys))?.under ?? 'lost'

/** @throws Error, whose message does not hold the secret, when the key or the place differs */
export const unseal = async (sealed: string, place: string, keys: ConfigKeys): Promise<string> => {
  const [keyId = '', iv = '', ciphertext = ''] = partsOf(sealed)
  const found = await keyFor(keyId, keys)
  if (!found) throw new Error(`${place} was sealed under another CONFIG_KEY.`)
  try {
    const algorithm = { name: 'AES-GCM', iv: fromBase64(iv), additionalData: encoder.encode(place) }
    return new TextDecoder().decode(
      await crypto.subtle.decrypt(algorithm, found.key, fromBase64(ciphertext))
    )
  } catch (cause) {
    throw new Error(`${place} could not be opened.`, { cause })
  }
}

/**
 * Seals a secret with the current key if it is sealed with the previous one; else returns it
 * unchanged.
 */
export const reseal = async (sealed: string, place: string, keys: ConfigKeys): Promise<string> =>
  (await sealedUnder(sealed, keys)) === 'previous'
    ? seal(await unseal(sealed, place, keys), place, keys.current)
    : sealed
