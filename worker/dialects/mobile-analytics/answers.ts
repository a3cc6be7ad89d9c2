import type { Context } from 'hono'
import type { Refusal } from './refusal'

// A literal list, since `*` never covers authorization.
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

/** What a preflight is answered. */
export const preflightHeaders = (): Record<string, string> => ({
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'POST',
  'access-control-allow-headers': allowedHeaders.join(', '),
  'access-control-max-age': '86400',
})

/**
 * The headers of every answer. `Date` is told and may be read, since AWS's JavaScript SDK corrects
 * a wrong clock by it.
 */
export const answerHeaders = (now: number): Record<string, string> => ({
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'x-amzn-RequestId, x-amzn-ErrorType, Date',
  'content-type': 'application/json',
  date: new Date(now).toUTCString(),
})

/** A refusal as clients of the dialect read it. */
export const answerRefusal = (context: Context, { status, type, message }: Refusal): Response => {
  context.header('x-amzn-errortype', type)
  return context.body(JSON.stringify({ message }), status)
}
