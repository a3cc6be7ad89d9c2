import { readBasic } from '../../base/basic-credentials'
import { toHex } from '../../base/hash'
import { hmac, importHmacKey } from '../../base/hmac'
import { isSameSecret } from '../../base/same-secret'

export interface Credentials {
  key: string
  /**
   * Whether the request proves knowledge of the key's secret; undefined for pages, which have none.
   */
  isProvenBy?: (secret: string, body: string) => Promise<boolean>
}

const sign = async (text: string, secret: string): Promise<string> =>
  toHex(await hmac(await importHmacKey(secret), text))

const signatureProof = ({ method, url, headers }: Request, signature: string) => {
  const head = `${method}\n${headers.get('date') ?? ''}\n${new URL(url).pathname}`
  return async (secret: string, body: string): Promise<boolean> =>
    isSameSecret(signature.toLowerCase(), await sign(head + body, secret))
}

const basicCredentials = (header: string | null): Credentials | undefined => {
  const basic = readBasic(header ?? '')
  return basic && { key: basic.key, isProvenBy: (secret) => isSameSecret(basic.secret, secret) }
}

/**
 * The credentials of an identity request: `x-mp-key`, which servers may sign (mParticle's Identity
 * API: hex HMAC-SHA-256 of method, date, path and body), or key and secret by Basic authentication.
 */
export const credentialsOf = (request: Request): Credentials | undefined => {
  const key = request.headers.get('x-mp-key')
  // First, since a browser adds a Basic header by itself on a site that is behind a password.
  if (!key) return basicCredentials(request.headers.get('authorization'))
  const signature = request.headers.get('x-mp-signature')
  return signature === null ? { key } : { key, isProvenBy: signatureProof(request, signature) }
}
