import type { Context } from 'hono'
import type { Refusal } from './refusal'

// Listed, since `*` does not cover `authorization`.
const allowedHeaders = [
  'authorization',
  'content-encoding',
  'content-type',
  'x-amz-client-context',
  'x-amz-client-context-encoding',
  'x-amz-content-sha256',
  'x-amz-date',
  'x-amz-security-token',
  'x-amz-target',
  'x-amz-user-agent',
]

/** The headers of the answer to a preflight. */
export const preflightHeaders = (): Record<string, string> => ({
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'POST',
  'access-control-allow-headers': allowedHeaders.join(', '),
  'access-control-max-age': '86400',
})

/**
 * The headers of every answer. Pages may read `Date`, since AWS's JavaScript SDK corrects a wrong
 * clock by it.
 */
export const answerHeaders = (now: number): Record<string, string> => ({
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'x-amzn-RequestId, x-amzn-ErrorType, Date',
  'content-type': 'application/json',
  date: new Date(now).toUTCString(),
})

/** Answers a refusal in the format that AWS's clients read. */
export const answerRefusal = (context: Context, { status, type, message }: Refusal): Response => {
  context.header('x-amzn-errortype', type)
  return context.body(JSON.stringify({ message }), status)
}
