import { type Refusal, refusal } from './refusal'

export const algorithm = 'AWS4-HMAC-SHA256'

/** The parts of a Signature Version 4 header. */
export interface Authorization {
  accessKeyId: string
  /** `YYYYMMDD`. */
  day: string
  region: string
  service: string
  /** Names in lower case, in the order of the sender. */
  signedHeaders: string[]
  /** 64 hex digits. */
  signature: string
  /** `YYYYMMDDTHHMMSSZ`. */
  signedAt: string
}

const incomplete = (message: string): Refusal => refusal('IncompleteSignatureException', message)

const readPart = (header: string, name: string): string | undefined =>
  new RegExp(`[\\s,]${name}=([^,\\s]*)`).exec(header)?.[1]

const maxSignedHeaders = 50

const mustBeSigned = (name: string): boolean =>
  name === 'x-amz-security-token' || name.startsWith('x-amz-client-context')

const signedHeadersRefusal = (signed: string[], headers: Headers): Refusal | undefined => {
  if (!signed.includes('host') || !signed.includes('x-amz-date')) {
    return incomplete('SignedHeaders must name host and x-amz-date.')
  }
  if (signed.length > maxSignedHeaders || new Set(signed).size < signed.length) {
    return incomplete(`SignedHeaders must name at most ${maxSignedHeaders} headers, each once.`)
  }
  const unsigned = [...headers.keys()].find((name) => mustBeSigned(name) && !signed.includes(name))
  return unsigned === undefined ? undefined : incomplete(`SignedHeaders must name ${unsigned}.`)
}

/** Reads the `Authorization` and `X-Amz-Date` headers of Signature Version 4. */
export const readAuthorization = (headers: Headers): Authorization | Refusal => {
  const header = headers.get('authorization')
  if (!header) {
    return refusal('MissingAuthenticationTokenException', 'The request has no Authorization.')
  }
  if (!header.startsWith(`${algorithm} `)) {
    return incomplete(`Authorization must begin with ${algorithm}.`)
  }
  const [credential, signed, signature = ''] = ['Credential', 'SignedHeaders', 'Signature'].map(
    (name) => readPart(header, name)
  )
  const scope = credential?.split('/') ?? []
  const [accessKeyId = '', day = '', region = '', service = '', end] = scope
  if (scope.length !== 5 || end !== 'aws4_request' || !accessKeyId || !region) {
    return incomplete('Credential must be KEY/YYYYMMDD/REGION/mobileanalytics/aws4_request.')
  }
  const signedHeaders = signed?.toLowerCase().split(';') ?? []
  const refused = signedHeadersRefusal(signedHeaders, headers)
  if (refused) return refused
  if (!/^[\da-f]{64}$/.test(signature)) return incomplete('Signature must be 64 hex digits.')
  const signedAt = headers.get('x-amz-date') ?? ''
  if (!/^\d{8}T\d{6}Z$/.test(signedAt) || !signedAt.startsWith(day)) {
    return incomplete('X-Amz-Date must be YYYYMMDDTHHMMSSZ, of the day of the Credential.')
  }
  return { accessKeyId, day, region, service, signedHeaders, signature, signedAt }
}
