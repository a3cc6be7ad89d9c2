import { toHex } from '../base/hash'
import { hmac, importHmacKey } from '../base/hmac'
import type { Notification } from './episode'

/** What is posted, as JSON. */
export interface AlertMessage extends Notification {
  alert: string
  connection: string
  /** Each shard of a connection alerts by itself. */
  shard: number
  reason: string
  status: {
    state: string
    /** Failed attempts in a row. */
    attempts: number
    next_attempt_ms: number | null
    waiting: { deliveries: number; events: number; bytes: number; oldest_ms: number | null }
  }
}

/** How long a receiver has to answer. */
export const timeoutMs = 10_000

/** `sha256=` and the HMAC-SHA-256 of the body, in hex. */
export const signatureOf = async (body: string, secret: string): Promise<string> =>
  `sha256=${toHex(new Uint8Array(await hmac(await importHmacKey(secret), body)))}`

/**
 * Posts a message once. Never throws, never follows a redirect.
 *
 * @returns why it failed; undefined when it was delivered
 */
export const postAlert = async (
  url: string,
  message: AlertMessage,
  secret: string | undefined
): Promise<string | undefined> => {
  const body = JSON.stringify(message)
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(secret === undefined ? {} : { 'x-weir-signature': await signatureOf(body, secret) }),
      },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    })
    // An unread body holds one of the six connections that a Durable Object may have open.
    await response.body?.cancel()
    return response.ok ? undefined : `HTTP ${response.status}`
  } catch {
    // What was thrown may quote the URL, and a URL may be as good as a key.
    return 'No answer'
  }
}
