import { readBasic } from '../../base/basic-credentials'
import { toHex } from '../../base/hash'
import { hmac, importHmacKey } from '../../base/hmac'
import { isSameSecret } from '../../base/same-secret'

export interface Credentials {
  key: string
  /** Whether whoever asks knows the secret of the key. Pages have none, so they prove nothing. */
  isProvenBy?: (secret: string, body: string) => Promise<boolean>
}

const sign = async (text: string, secret: string): Promise<string> =>
  toHex(await hmac(await importHmacKey(secret), text))

const signed = ({ method, url, headers }: Request, signature: string) => {
  const head = `${method}\n${headers.get('date') ?? ''}\n${new URL(url).pathname}`
  return async (secret: string, body: string): Promise<boolean> =>
    isSameSecret(signature.toLowerCase(), await sign(head + body, secret))
}

const basic = (header: string | null): Credentials | undefined => {
  const given = readBasic(header ?? '')
  return given && { key: given.key, isProvenBy: (secret) => isSameSecret(given.secret, secret) }
}

/**
 * What an identity request came with: `x-mp-key`, which servers may sign (mParticle's Identity API:
 * hex HMAC-SHA-256 of method, date, path and body), or key and secret by Basic authentication.
 */
export const credentialsOf = (request: Request): Credentials | undefined => {
  const key = request.headers.get('x-mp-key')
  // Before Basic: a browser adds that by itself on a site that has a password.
  if (!key) return basic(request.headers.get('authorization'))
  const signature = request.headers.get('x-mp-signature')
  return signature === null ? { key } : { key, isProvenBy: signed(request, signature) }
}
