import { timingSafeEqual } from 'node:crypto'
import { SignatureV4 } from '@smithy/signature-v4'
import { escapedPath } from '../../../worker/commands/aws/address'
import type { AwsRequest } from '../../../worker/commands/aws/request'
import { type Authorization, readAmzDate, readAuthorization } from './authorization'
import {
  type Credentials,
  headerRefusal,
  payloadRefusal,
  type Reason,
  scopeRefusal,
  skewRefusal,
  tokenRefusal,
} from './checks'
import { Sha256 } from './hash'
import { type Service, serviceOf } from './service'

export type Verdict =
  | { ok: true; service: Service; accessKeyId: string }
  | { ok: false; service: Service; reason: Reason; message: string }

export interface VerifyOptions {
  /** Finds the credentials of a key id. */
  find: (accessKeyId: string) => Credentials | undefined
  nowMs: number
  /** Where this AWS is, unless the request's host names a region. */
  region: string
}

/** Signs a request again with AWS's own signer and says whether the signature is the same. */
export async function verify(request: AwsRequest, options: VerifyOptions): Promise<Verdict> {
  const service = serviceOf(request)
  const refuse = (reason: Reason, message: string): Verdict => ({
    ok: false,
    service,
    reason,
    message,
  })
  const { headers } = request
  if (headers.authorization === undefined) {
    return refuse('no_authorization', 'Request is missing Authentication Token')
  }
  const authorization = readAuthorization(headers.authorization)
  const signedAt = readAmzDate(headers['x-amz-date'] ?? '')
  if (authorization === undefined || signedAt === undefined) {
    return refuse('malformed_authorization', 'The Authorization or X-Amz-Date header is malformed')
  }
  const refusal =
    scopeRefusal(request, service, authorization, options.region) ??
    skewRefusal(service, signedAt.getTime(), options.nowMs) ??
    headerRefusal(request, authorization.signedHeaders) ??
    payloadRefusal(request, service)
  if (refusal !== undefined) return refuse(...refusal)

  const credentials = options.find(authorization.accessKeyId)
  if (credentials === undefined) {
    return refuse('unknown_key', 'The access key id you provided does not exist in our records.')
  }
  const tokenProblem = tokenRefusal(headers['x-amz-security-token'], credentials, options.nowMs)
  if (tokenProblem !== undefined) return refuse(...tokenProblem)

  const signable = signableRequest(request, service, authorization.signedHeaders)
  if (signable === undefined) return refuse('malformed_path', 'The path could not be decoded')
  const expected = await signatureOf(signable, { authorization, credentials, service, signedAt })
  if (!isEqual(expected, authorization.signature)) {
    const message =
      'The request signature we calculated does not match the signature you provided. ' +
      'Check your secret access key and signing method.'
    return refuse('wrong_signature', message)
  }
  return { ok: true, service, accessKeyId: authorization.accessKeyId }
}

interface Signable {
  method: string
  protocol: string
  hostname: string
  path: string
  query: Record<string, string[]>
  headers: Record<string, string>
  body: Buffer
}

/** The request as AWS sees it: only signed headers, the path of S3 decoded and escaped anew. */
function signableRequest(
  { method, url, headers, body }: AwsRequest,
  service: Service,
  signed: string[]
): Signable | undefined {
  const [rawPath = '/', ...rest] = url.split('?')
  const query: Record<string, string[]> = {}
  for (const [name, value] of new URLSearchParams(rest.join('?'))) {
    query[name] = [...(query[name] ?? []), value]
  }
  const path = service === 's3' ? normalPath(rawPath) : rawPath
  if (path === undefined) return undefined
  const kept = Object.fromEntries(signed.map((name) => [name, headers[name] ?? '']))
  return { method, protocol: 'http:', hostname: '', path, query, headers: kept, body }
}

function normalPath(rawPath: string): string | undefined {
  try {
    return escapedPath(decodeURIComponent(rawPath))
  } catch {
    return undefined
  }
}

async function signatureOf(
  signable: Signable,
  {
    authorization,
    credentials,
    service,
    signedAt,
  }: { authorization: Authorization; credentials: Credentials; service: Service; signedAt: Date }
): Promise<string> {
  const signer = new SignatureV4({
    credentials,
    region: authorization.region,
    service,
    sha256: Sha256,
    uriEscapePath: service !== 's3',
    applyChecksum: false,
  })
  const signed = await signer.sign(signable, {
    signingDate: signedAt,
    signableHeaders: new Set(authorization.signedHeaders),
  })
  return readAuthorization(signed.headers.authorization ?? '')?.signature ?? ''
}

function isEqual(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
}
