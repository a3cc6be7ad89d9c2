import { isObject, type JsonObject } from '../base/json'
import { retryAfterMs } from '../base/retry-after'
import type { Outcome } from '../delivery'

interface HttpAnswer {
  status: number
  headers: Headers
  /** The whole body. */
  text: string
}

/** The answer of a token server, or why there was none. */
export type TokenAnswer = HttpAnswer | { failed: string }

export interface IssuedTokens {
  access_token: string
  refresh_token: string | undefined
  /** Undefined when the token is not known to expire. */
  lifetimeMs: number | undefined
}

export type Retry = Outcome & { kind: 'retry' }

export type TokenReading = { ok: true; issued: IssuedTokens } | { ok: false; outcome: Retry }

const secondMs = 1000
// Bounds what the server states, so that the time of expiry stays a valid date.
const maxLifetimeMs = 10 * 365 * 86_400_000

const parse = (text: string): JsonObject => {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : {}
  } catch {
    return {}
  }
}

// Only the characters of RFC 6749 appendix A, since others cannot be sent in a header.
const readToken = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[\x20-\x7e]+$/.test(value) ? value : undefined

// `expires_in` is a number of seconds, which some servers send as text.
const readLifetime = (value: unknown): number | undefined => {
  const seconds = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  if (typeof seconds !== 'number' || !(seconds > 0)) return undefined
  return Math.min(seconds * secondMs, maxLifetimeMs)
}

// Temporary errors, whatever their status; the first two are of RFC 6749 §4.1.2.1.
const temporaryErrors = new Set(['temporarily_unavailable', 'server_error', 'slow_down'])

const readError = ({ error }: JsonObject): string =>
  typeof error === 'string' && /^[\w.:/-]{1,100}$/.test(error) ? error : ''

const maxShownChars = 300
// A server may quote a secret only in part, so its beginning is searched for.
const secretPrefixChars = 8

const quotes = (text: string, secrets: string[]): boolean =>
  secrets.some((secret) => {
    const prefix = secret.slice(0, secretPrefixChars)
    return text.includes(prefix) || text.includes(encodeURIComponent(prefix))
  })

/** A server's error code and description, bounded, in one line, and without our secrets. */
export const shownError = (answer: JsonObject, secrets: string[]): string => {
  const { error_description: description } = answer
  const words = [readError(answer), typeof description === 'string' ? description : '']
    .filter((part) => part !== '' && !quotes(part, secrets))
    .join(': ')
  return words
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim()
    .slice(0, maxShownChars)
    .replace(/\.$/, '')
}

const failureOf = (answer: HttpAnswer, secrets: string[]): Retry => {
  const { status, headers } = answer
  const body = parse(answer.text)
  const words = shownError(body, secrets)
  const reason = `The token server answered HTTP ${status}${words === '' ? '' : `, ${words}`}.`
  const isTemporary =
    status >= 500 || status === 429 || status === 408 || temporaryErrors.has(readError(body))
  if (!isTemporary) {
    const isRevoked = readError(body) === 'invalid_grant'
    const advice = isRevoked ? ' Authorize the output again.' : ''
    return { kind: 'retry', reason: `${reason}${advice}`, ownerMustAct: true }
  }
  const afterMs = retryAfterMs(headers)
  return { kind: 'retry', reason, ...(afterMs === undefined ? {} : { afterMs }) }
}

/**
 * Reads the answer of a token server (RFC 6749 §5). All errors but temporary ones need the owner: a
 * revoked grant, a wrong client, a wrong URL.
 *
 * @param options.defaultSeconds the lifetime if the answer has none
 * @param options.secrets must not be quoted in a reason
 */
export const readTokenAnswer = (
  answer: TokenAnswer,
  { defaultSeconds, secrets }: { defaultSeconds: number | undefined; secrets: string[] }
): TokenReading => {
  if ('failed' in answer) {
    const why = quotes(answer.failed, secrets) ? '' : `: ${answer.failed}`
    const reason = `The token server gave no answer${why}`
    return { ok: false, outcome: { kind: 'retry', reason } }
  }
  const isSuccess = answer.status >= 200 && answer.status < 300
  const body = parse(answer.text)
  // Some servers answer errors with 200.
  if (!isSuccess || body.error) return { ok: false, outcome: failureOf(answer, secrets) }
  const access_token = readToken(body.access_token)
  if (access_token === undefined) {
    const reason = 'The token server answered without an access token.'
    return { ok: false, outcome: { kind: 'retry', reason } }
  }
  const lifetimeMs = readLifetime(body.expires_in) ?? readLifetime(defaultSeconds)
  return {
    ok: true,
    issued: { access_token, refresh_token: readToken(body.refresh_token), lifetimeMs },
  }
}
