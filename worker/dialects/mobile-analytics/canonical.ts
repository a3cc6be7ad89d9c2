import { type Authorization, algorithm } from './authorization'

/** What a signature covers of a request. */
export interface SignedParts {
  method: string
  /** As received: a path below `BASE_PATH` is signed whole. */
  url: URL
  headers: Headers
  /** What the client sent as Accept-Encoding, which the edge rewrites; as far as it tells. */
  acceptEncoding?: string | undefined
  /** SHA-256 of the raw body, hex. */
  bodyHash: string
}

// encodeURIComponent leaves these five, and AWS does not.
const encode = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`
  )

/** The path with each segment encoded once more, as all services but S3 have it. */
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

const rewritten = 'accept-encoding'

/**
 * The parts as they may have been when they were signed: the edge rewrites a header that says
 * nothing, but that some clients sign, iOS with an empty value.
 */
export const asSent = (parts: SignedParts, signedHeaders: string[]): SignedParts[] => {
  if (!signedHeaders.includes(rewritten)) return [parts]
  const { headers, acceptEncoding } = parts
  const known = [acceptEncoding, headers.get(rewritten) ?? undefined, '', 'identity', 'gzip']
  const values = new Set(known.flatMap((value) => value ?? []))
  return [...values].map((value) => {
    const sent = new Headers(headers)
    sent.set(rewritten, value)
    return { ...parts, headers: sent }
  })
}

/** AWS's canonical request of Signature Version 4, over the headers that its sender names. */
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

/** @param requestHash SHA-256 of the canonical request, hex */
export const stringToSign = (
  { day, region, service, signedAt }: Authorization,
  requestHash: string
): string =>
  [algorithm, signedAt, `${day}/${region}/${service}/aws4_request`, requestHash].join('\n')
