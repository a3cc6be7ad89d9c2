import { toHex } from '../../base/hash'
import { type HmacKey, hmac, importHmacKey } from '../../base/hmac'
import type { Authorization } from './authorization'
import { canonicalRequest, type SignedParts, signedCandidates, stringToSign } from './canonical'
import { type Refusal, refusal } from './refusal'

const service = 'mobileanalytics'
const toleratedMs = 5 * 60_000

const encoder = new TextEncoder()

const fromHex = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(text.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16))

/** SHA-256 as hex. */
export const sha256 = async (data: Uint8Array | string): Promise<string> => {
  const bytes = typeof data === 'string' ? encoder.encode(data) : data
  return toHex(await crypto.subtle.digest('SHA-256', bytes))
}

const deriveKey = async ({ day, region }: Authorization, secret: string): Promise<HmacKey> => {
  let key = await importHmacKey(`AWS4${secret}`)
  for (const text of [day, region, service, 'aws4_request']) {
    key = await importHmacKey(await hmac(key, text))
  }
  return key
}

const maxCachedKeys = 200
const cachedKeys = new Map<string, Promise<HmacKey>>()

// Cached by the secret, not by the key's id: a replaced secret must stop working at once.
const signingKey = (authorization: Authorization, secret: string): Promise<HmacKey> => {
  const name = `${authorization.day}/${authorization.region}/${secret}`
  const cached = cachedKeys.get(name)
  if (cached) return cached
  if (cachedKeys.size >= maxCachedKeys) cachedKeys.clear()
  const derived = deriveKey(authorization, secret)
  cachedKeys.set(name, derived)
  return derived
}

const invalid = (message: string): Refusal => refusal('InvalidSignatureException', message)

const timeOf = (signedAt: string): number =>
  Date.parse(signedAt.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))

// On this error type AWS's JavaScript SDK corrects its clock by the answer's Date.
const clockRefusal = ({ signedAt }: Authorization, now: number): Refusal | undefined =>
  Math.abs(timeOf(signedAt) - now) <= toleratedMs
    ? undefined
    : invalid(
        `The request was signed at ${signedAt}, over 5 minutes from the time here, ${new Date(now).toISOString()}.`
      )

// A header that is not UTF-8 arrives with replacement characters, so its signature cannot match.
const mismatchRefusal = ({ headers }: SignedParts): Refusal =>
  (headers.get('x-amz-client-context') ?? '').includes('\u{FFFD}')
    ? invalid(
        'The client context has characters that did not arrive as UTF-8, as browsers send them, so that no signature matches. Send it in base64, with x-amz-Client-Context-Encoding: base64.'
      )
    : invalid('The signature does not match the request under the secret of this access key.')

/**
 * Verifies the Signature Version 4 of a request: any region, the service `mobileanalytics`, signed
 * within five minutes of now.
 *
 * @returns why it is refused; undefined when the signature is valid
 */
export const checkSignature = async (
  parts: SignedParts,
  authorization: Authorization,
  { secret, now }: { secret: string; now: number }
): Promise<Refusal | undefined> => {
  if (authorization.service !== service) {
    return invalid(`The Credential must be for the service ${service}.`)
  }
  const clock = clockRefusal(authorization, now)
  if (clock) return clock
  const statedHash = parts.headers.get('x-amz-content-sha256')
  if (statedHash !== null && statedHash !== parts.bodyHash) {
    return invalid('x-amz-content-sha256 is not the hash of the body.')
  }
  const key = await signingKey(authorization, secret)
  for (const candidate of signedCandidates(parts, authorization.signedHeaders)) {
    if (await isSigned(candidate, authorization, key)) return undefined
  }
  return mismatchRefusal(parts)
}

const isSigned = async (
  parts: SignedParts,
  authorization: Authorization,
  key: HmacKey
): Promise<boolean> => {
  const canonical = canonicalRequest(parts, authorization.signedHeaders)
  const signed = encoder.encode(stringToSign(authorization, await sha256(canonical)))
  // `verify` compares in constant time.
  return crypto.subtle.verify('HMAC', key, fromHex(authorization.signature), signed)
}
