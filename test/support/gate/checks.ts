import type { AwsRequest } from '../../../worker/commands/aws/request'
import { type Authorization, amzDate } from './authorization'
import { sha256Hex } from './hash'
import type { Service } from './service'

export interface Credentials {
  accessKeyId: string
  secretAccessKey: string
  /** Only temporary credentials have one, and then each request must carry it. */
  sessionToken?: string
  expiresAtMs?: number
}

/** Why AWS would turn a request away before looking at what it asks for. */
export type Reason =
  | 'no_authorization'
  | 'malformed_authorization'
  | 'malformed_path'
  | 'unknown_key'
  | 'wrong_token'
  | 'expired_token'
  | 'wrong_region'
  | 'wrong_service'
  | 'skewed_clock'
  | 'unsigned_header'
  | 'unsigned_payload'
  | 'wrong_body_hash'
  | 'wrong_signature'

export type Refusal = [reason: Reason, message: string]

// spec/aws.md section 7
const SKEW_MINUTES: Record<Service, number> = { s3: 15, sqs: 5, sts: 5, lambda: 5 }
const HOST_REGION = /(?:^|\.)(?:s3|sqs|sts|lambda)\.([a-z]{2}(?:-[a-z]+)+-\d)\./

export function scopeRefusal(
  { headers }: AwsRequest,
  service: Service,
  scope: Authorization,
  defaultRegion: string
): Refusal | undefined {
  const region = HOST_REGION.exec(headers.host ?? '')?.[1] ?? defaultRegion
  if (scope.region !== region) {
    return [
      'wrong_region',
      `Credential should be scoped to a valid region: '${scope.region}' is wrong; expecting '${region}'`,
    ]
  }
  if (scope.service !== service) {
    return ['wrong_service', `Credential should be scoped to correct service: '${service}'.`]
  }
  if (!(headers['x-amz-date'] ?? '').startsWith(scope.day)) {
    return ['wrong_signature', 'Date in Credential scope does not match the day of X-Amz-Date']
  }
  return undefined
}

export function skewRefusal(
  service: Service,
  signedMs: number,
  nowMs: number
): Refusal | undefined {
  const minutes = SKEW_MINUTES[service]
  const allowedMs = minutes * 60_000
  const [signed, now] = [amzDate(signedMs), amzDate(nowMs)]
  if (signedMs < nowMs - allowedMs) {
    const oldest = amzDate(nowMs - allowedMs)
    const message = `Signature expired: ${signed} is now earlier than ${oldest} (${now} - ${minutes} min.)`
    return ['skewed_clock', message]
  }
  if (signedMs > nowMs + allowedMs) {
    const newest = amzDate(nowMs + allowedMs)
    const message = `Signature not yet current: ${signed} is still later than ${newest} (${now} + ${minutes} min.)`
    return ['skewed_clock', message]
  }
  return undefined
}

export function headerRefusal({ headers }: AwsRequest, signed: string[]): Refusal | undefined {
  const required = Object.keys(headers).filter((name) => name.startsWith('x-amz-'))
  const unsigned = ['host', ...required].filter((name) => !signed.includes(name))
  if (unsigned.length > 0) {
    const names = unsigned.join(', ')
    return ['unsigned_header', `There were headers present which were not signed: ${names}`]
  }
  const absent = signed.filter((name) => headers[name] === undefined)
  return absent.length > 0
    ? ['wrong_signature', `Signed headers are not in the request: ${absent.join(', ')}`]
    : undefined
}

export function payloadRefusal(
  { headers, body }: AwsRequest,
  service: Service
): Refusal | undefined {
  const given = headers['x-amz-content-sha256']
  if (given === undefined) {
    return service === 's3'
      ? ['unsigned_payload', 'Missing required header for this request: x-amz-content-sha256']
      : undefined
  }
  if (!/^[0-9a-f]{64}$/.test(given)) {
    return ['unsigned_payload', `The body must be signed here, and ${given} is no SHA-256.`]
  }
  return given === sha256Hex(body)
    ? undefined
    : [
        'wrong_body_hash',
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
      ]
}

export function tokenRefusal(
  token: string | undefined,
  { sessionToken, expiresAtMs }: Credentials,
  nowMs: number
): Refusal | undefined {
  if (token !== sessionToken) {
    return ['wrong_token', 'The security token included in the request is invalid.']
  }
  return expiresAtMs !== undefined && expiresAtMs <= nowMs
    ? ['expired_token', 'The security token included in the request is expired']
    : undefined
}
