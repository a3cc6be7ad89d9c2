import { toHex } from '../../base/hash'
import { type HmacKey, hmac, importHmacKey } from '../../base/hmac'
import type { Authorization } from './authorization'
import { asSent, canonicalRequest, type SignedParts, stringToSign } from './canonical'
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

const keptKeys = 200
const keys = new Map<string, Promise<HmacKey>>()

// By the secret, not by its id: a secret that was replaced must not be good till midnight.
const signingKey = (authorization: Authorization, secret: string): Promise<HmacKey> => {
  const name = `${authorization.day}/${authorization.region}/${secret}`
  const known = keys.get(name)
  if (known) return known
  if (keys.size >= keptKeys) keys.clear()
  const made = deriveKey(authorization, secret)
  keys.set(name, made)
  return made
}

const invalid = (message: string): Refusal => refusal('InvalidSignatureException', message)

const timeOf = (signedAt: string): number =>
  Date.parse(signedAt.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))

// The code is one for which AWS's JavaScript SDK corrects its clock by the answer's Date.
const clockRefusal = ({ signedAt }: Authorization, now: number): Refusal | undefined =>
  Math.abs(timeOf(signedAt) - now) <= toleratedMs
    ? undefined
    : invalid(
        `The request was signed at ${signedAt}, over 5 minutes from the time here, ${new Date(now).toISOString()}.`
      )

/** Headers that came in another encoding than UTF-8 have lost what was signed. */
const mismatch = ({ headers }: SignedParts): Refusal =>
  (headers.get('x-amz-client-context') ?? '').includes('\u{FFFD}')
    ? invalid(
        'The client context has characters that did not arrive as UTF-8, as browsers send them, so that no signature matches. Send it in base64, with x-amz-Client-Context-Encoding: base64.'
      )
    : invalid('The signature does not match the request under the secret of this access key.')

/**
 * Verifies Signature Version 4 over a request as it was received: any region, the service
 * `mobileanalytics`, and a clock that is at most five minutes off.
 *
 * @param now ms
 * @returns why it is refused, if so
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
  const told = parts.headers.get('x-amz-content-sha256')
  if (told !== null && told !== parts.bodyHash) {
    return invalid('x-amz-content-sha256 is not the hash of the body.')
  }
  const key = await signingKey(authorization, secret)
  for (const sent of asSent(parts, authorization.signedHeaders)) {
    if (await isSigned(sent, authorization, key)) return undefined
  }
  return mismatch(parts)
}

const isSigned = async (
  parts: SignedParts,
  authorization: Authorization,
  key: HmacKey
): Promise<boolean> => {
  const canonical = canonicalRequest(parts, authorization.signedHeaders)
  const signed = encoder.encode(stringToSign(authorization, await sha256(canonical)))
  // It compares in constant time.
  return crypto.subtle.verify('HMAC', key, fromHex(authorization.signature), signed)
}
