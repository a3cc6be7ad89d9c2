import { type Authorization, algorithm } from './authorization'

/** The parts of a request that its signature covers. */
export interface SignedParts {
  method: string
  /** As received, with `BASE_PATH`: the client signed the whole path. */
  url: URL
  headers: Headers
  /**
   * The client's Accept-Encoding, before the edge rewrote it; undefined when the edge did not keep
   * it.
   */
  acceptEncoding?: string | undefined
  /** SHA-256 of the raw body, hex. */
  bodyHash: string
}

// encodeURIComponent does not encode these five, and AWS does.
const encode = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`
  )

/** The path with each segment encoded a second time, as for all services but S3. */
const canonicalUri = ({ pathname }: URL): string => pathname.split('/').map(encode).join('/')

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const canonicalQuery = ({ search }: URL): string =>
  search
    .slice(1)
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name = '', ...value] = pair.split('=')
      return [encode(decode(name)), encode(decode(value.join('=')))] as const
    })
    .sort(([a, x], [b, y]) => (a === b ? compare(x, y) : compare(a, b)))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const headerValue = ({ headers, url }: SignedParts, name: string): string => {
  const value = headers.get(name) ?? (name === 'host' ? url.host : '')
  return value.trim().replace(/\s+/g, ' ')
}

const rewrittenHeader = 'accept-encoding'

/**
 * The parts as the client may have signed them, one candidate for each likely Accept-Encoding: the
 * edge rewrites that header, and some clients sign it, iOS with an empty value.
 */
export const signedCandidates = (parts: SignedParts, signedHeaders: string[]): SignedParts[] => {
  if (!signedHeaders.includes(rewrittenHeader)) return [parts]
  const { headers, acceptEncoding } = parts
  const likely = [acceptEncoding, headers.get(rewrittenHeader) ?? undefined, '', 'identity', 'gzip']
  const values = new Set(likely.flatMap((value) => value ?? []))
  return [...values].map((value) => {
    const signedAs = new Headers(headers)
    signedAs.set(rewrittenHeader, value)
    return { ...parts, headers: signedAs }
  })
}

/** The canonical request of Signature Version 4. */
export const canonicalRequest = (parts: SignedParts, signedHeaders: string[]): string =>
  [
    parts.method,
    canonicalUri(parts.url),
    canonicalQuery(parts.url),
    ...signedHeaders.map((name) => `${name}:${headerValue(parts, name)}`),
    '',
    signedHeaders.join(';'),
    parts.bodyHash,
  ].join('\n')

/**
 * The string to sign of Signature Version 4.
 *
 * @param requestHash SHA-256 of the canonical request, hex
 */
export const stringToSign = (
  { day, region, service, signedAt }: Authorization,
  requestHash: string
): string =>
  [algorithm, signedAt, `${day}/${region}/${service}/aws4_request`, requestHash].join('\n')
