/** The result of one attempt to send a batch. */
export interface Answer {
  /** HTTP status; 0 without a response. */
  status: number
  /** How long to wait, as the server asks by Retry-After, ms. */
  waitMs: number
}

/** Text, or gzip, which the server recognises by its first bytes. */
export type Body = string | ArrayBuffer

const TIMEOUT_MS = 30_000
const LONGEST_WAIT_MS = 86_400_000
// The server rejected the body, and would again. Other errors can be temporary, such as a key that
// is not enabled yet, or a wrong route or firewall rule.
const BAD_BODY = [400, 413, 415, 422]

export const isAccepted = (status: number): boolean => status >= 200 && status < 300

/** Whether another attempt with the same body is useless. */
export const isFinal = (status: number): boolean => isAccepted(status) || BAD_BODY.includes(status)

/** An upper bound of the length of JSON in UTF-8. A TextEncoder takes five times as long. */
export const byteLength = (json: string): number =>
  json.length + 2 * json.replace(/[ -~]+/g, '').length

/**
 * Compresses the body, if the browser can: even a batch of one event becomes smaller. Asynchronous,
 * so not usable on a page that is being left.
 */
export const compress = async (text: string): Promise<Body> =>
  globalThis.CompressionStream
    ? new Response(
        new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'))
      ).arrayBuffer()
    : text

/**
 * Sends a body. Without custom headers or cookies, so that no CORS preflight is needed.
 *
 * @param keepalive completes the request even after the page has ended; browsers allow 64 KiB at a
 *   time
 * @param isLast use a beacon where fetch does not support keepalive
 */
export const post = async (
  url: string,
  body: Body,
  keepalive: boolean,
  isLast = false
): Promise<Answer> => {
  try {
    // The result of a beacon is unknown. If the page is not ended after all, the batch is sent
    // again.
    if (isLast && !('keepalive' in Request.prototype)) navigator.sendBeacon(url, body)
    else {
      const { status, headers } = await fetch(url, {
        method: 'POST',
        body,
        credentials: 'omit',
        // A redirect leads to a login page or the like, which does not accept events.
        redirect: 'error',
        keepalive,
        // Missing in Safari 15, which has a limit of its own.
        signal: AbortSignal.timeout?.(TIMEOUT_MS),
      })
      // A number of seconds or a date.
      const wait = headers.get('retry-after') ?? ''
      const waitMs = +wait * 1000 || Date.parse(wait) - Date.now() || 0
      return { status, waitMs: Math.min(waitMs, LONGEST_WAIT_MS) }
    }
  } catch {
    // Without a response the reason does not matter.
  }
  return { status: 0, waitMs: 0 }
}
