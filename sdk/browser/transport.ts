/** What became of one attempt to send a batch. */
export interface Answer {
  /** HTTP status; 0 without an answer. */
  status: number
  /** How long the server asks to be left alone, ms. */
  waitMs: number
}

/** Text, or gzip: the server tells it by its first bytes. */
export type Body = string | ArrayBuffer

const TIMEOUT_MS = 30_000
const LONGEST_WAIT_MS = 86_400_000
// The server cannot make sense of the body, and never will. All else can be mended: a key that is
// not enabled yet, a route or a firewall set wrong.
const BAD_BODY = [400, 413, 415, 422]

export const isTaken = (status: number): boolean => status >= 200 && status < 300

/** Whether another try of the same body would change nothing. */
export const isFinal = (status: number): boolean => isTaken(status) || BAD_BODY.includes(status)

/** Length of JSON in UTF-8, a little too much at worst. A TextEncoder takes five times as long. */
export const byteLength = (json: string): number =>
  json.length + 2 * json.replace(/[ -~]+/g, '').length

/** Compresses where the browser can: even one event, with its head, becomes smaller. Takes a moment: not for a page that is leaving. */
export const pack = async (text: string): Promise<Body> =>
  globalThis.CompressionStream
    ? new Response(
        new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'))
      ).arrayBuffer()
    : text

/**
 * Neither header nor cookie of our own, which spares every upload a CORS preflight.
 *
 * @param keepalive lets the request outlive its page, of which browsers allow 64 KiB at a time
 * @param isLast by beacon where fetch cannot outlive the page
 */
export const post = async (
  url: string,
  body: Body,
  keepalive: boolean,
  isLast = false
): Promise<Answer> => {
  try {
    // A beacon never tells what became of it: should the page live on, the batch goes out once more.
    if (isLast && !('keepalive' in Request.prototype)) navigator.sendBeacon(url, body)
    else {
      const { status, headers } = await fetch(url, {
        method: 'POST',
        body,
        credentials: 'omit',
        // What answers elsewhere is a login page or the like, which takes no events.
        redirect: 'error',
        keepalive,
        // Safari 15 has none; there the browser's own limit must do.
        signal: AbortSignal.timeout?.(TIMEOUT_MS),
      })
      // A number of seconds or a date.
      const wait = headers.get('retry-after') ?? ''
      const waitMs = +wait * 1000 || Date.parse(wait) - Date.now() || 0
      return { status, waitMs: Math.min(waitMs, LONGEST_WAIT_MS) }
    }
  } catch {
    // Whatever the reason, there is no answer.
  }
  return { status: 0, waitMs: 0 }
}
