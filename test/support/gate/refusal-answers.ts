import { s3Error, sqsError, stsError } from '../../../worker/commands/aws/error-answers'
import type { AwsAnswer } from '../../../worker/commands/aws/request'
import type { Reason } from './checks'
import { lambdaError } from './lambda-error'
import type { Service } from './service'

type Row = [status: number, code: string]

const S3: Record<Reason, Row> = {
  no_authorization: [403, 'AccessDenied'],
  malformed_authorization: [400, 'AuthorizationHeaderMalformed'],
  malformed_path: [400, 'InvalidURI'],
  unknown_key: [403, 'InvalidAccessKeyId'],
  wrong_token: [400, 'InvalidToken'],
  expired_token: [400, 'ExpiredToken'],
  wrong_region: [400, 'AuthorizationHeaderMalformed'],
  wrong_service: [403, 'SignatureDoesNotMatch'],
  skewed_clock: [403, 'RequestTimeTooSkewed'],
  unsigned_header: [403, 'AccessDenied'],
  // S3 itself takes an unsigned body. weir must not send one, hence the refusal.
  unsigned_payload: [403, 'SignatureDoesNotMatch'],
  wrong_body_hash: [400, 'XAmzContentSHA256Mismatch'],
  wrong_signature: [403, 'SignatureDoesNotMatch'],
}

const INVALID_SIGNATURE: Row = [403, 'InvalidSignatureException']
const SQS: Record<Reason, Row> = {
  no_authorization: [403, 'MissingAuthenticationTokenException'],
  malformed_authorization: [403, 'IncompleteSignatureException'],
  malformed_path: [404, 'UnknownOperationException'],
  unknown_key: [403, 'UnrecognizedClientException'],
  wrong_token: [403, 'UnrecognizedClientException'],
  expired_token: [403, 'ExpiredTokenException'],
  wrong_region: INVALID_SIGNATURE,
  wrong_service: INVALID_SIGNATURE,
  skewed_clock: INVALID_SIGNATURE,
  unsigned_header: INVALID_SIGNATURE,
  unsigned_payload: INVALID_SIGNATURE,
  wrong_body_hash: INVALID_SIGNATURE,
  wrong_signature: INVALID_SIGNATURE,
}

const SIGNATURE_MISMATCH: Row = [403, 'SignatureDoesNotMatch']
const STS: Record<Reason, Row> = {
  no_authorization: [403, 'MissingAuthenticationToken'],
  malformed_authorization: [403, 'IncompleteSignature'],
  malformed_path: [400, 'ValidationError'],
  unknown_key: [403, 'InvalidClientTokenId'],
  wrong_token: [403, 'InvalidClientTokenId'],
  expired_token: [403, 'ExpiredToken'],
  wrong_region: SIGNATURE_MISMATCH,
  wrong_service: SIGNATURE_MISMATCH,
  skewed_clock: SIGNATURE_MISMATCH,
  unsigned_header: SIGNATURE_MISMATCH,
  unsigned_payload: SIGNATURE_MISMATCH,
  wrong_body_hash: SIGNATURE_MISMATCH,
  wrong_signature: SIGNATURE_MISMATCH,
}

/** Words a refusal as the service would. */
export function refusalAnswer(service: Service, reason: Reason, message: string): AwsAnswer {
  if (service === 's3') return s3Error(...S3[reason], message)
  if (service === 'sts') return stsError(...STS[reason], message)
  const [status, code] = SQS[reason]
  // Both are JSON services, and refuse signatures by the same names.
  if (service === 'lambda') return lambdaError(status, code, { message })
  return sqsError(status, `com.amazon.coral.service#${code}`, message)
}
