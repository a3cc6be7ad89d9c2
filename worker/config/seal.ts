import { toHex } from '../hash'
import { hmac, importHmacKey } from '../hmac'

/**
 * Secrets at rest: AES-256-GCM under a key derived from `CONFIG_KEY`, bound to the place where they
 * belong, so that a sealed value cannot be moved to another output.
 * Form: `sealed:1:<key id>:<iv>:<ciphertext>`, the last two in base64.
 */
const prefix = 'sealed:1:'

export const isSealed = (value: unknown): value is string =>
  typeof value === 'string' && value.startsWith(prefix)

const encoder = new TextEncoder()

// Derived from what it seals, so that saving the same secret again changes nothing. An IV comes
// twice only with the same key, place and secret, which is harmless.
const ivOf = async (secret: string, place: string, configKey: string) => {
  const mac = await hmac(await importHmacKey(`iv ${configKey}`), `${place}\0${secret}`)
  return new Uint8Array(mac).slice(0, 12)
}

const keyOf = async (configKey: string) => {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(configKey)))
  const named = new Uint8Array(await crypto.subtle.digest('SHA-256', digest))
  const key = await crypto.subtle.importKey('raw', digest, 'AES-GCM', false, ['encrypt', 'decrypt'])
  return { id: toHex(named.slice(0, 4)), key }
}

const toBase64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes))
const fromBase64 = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text), (char) => char.charCodeAt(0))

/** @param place where the secret belongs, `outputs.lake.secret_access_key` */
export const seal = async (secret: string, place: string, configKey: string): Promise<string> => {
  const { id, key } = await keyOf(configKey)
  const iv = await ivOf(secret, place, configKey)
  const algorithm = { name: 'AES-GCM', iv, additionalData: encoder.encode(place) }
  const sealed = await crypto.subtle.encrypt(algorithm, key, encoder.encode(secret))
  return `${prefix}${id}:${toBase64(iv)}:${toBase64(new Uint8Array(sealed))}`
}

/** @throws Error without the secret when the key or the place is another one. */
export const unseal = async (sealed: string, place: string, configKey: string): Promise<string> => {
  const [keyId = '', iv = '', ciphertext = ''] = sealed.slice(prefix.length).split(':')
  const { id, key } = await keyOf(configKey)
  if (id !== keyId) throw new Error(`${place} was sealed under another CONFIG_KEY.`)
  try {
    const algorithm = { name: 'AES-GCM', iv: fromBase64(iv), additionalData: encoder.encode(place) }
    return new TextDecoder().decode(
      await crypto.subtle.decrypt(algorithm, key, fromBase64(ciphertext))
    )
  } catch (cause) {
    throw new Error(`${place} could not be opened.`, { cause })
  }
}
