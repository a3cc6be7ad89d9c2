/** What became of one attempt to send a batch. */
export type Outcome =
  | { kind: 'delivered' }
  | { kind: 'retry'; afterMs: number }
  | { kind: 'reject'; status: number }

/** A body that is ready to go, and its size. */
export interface Body {
  content: string | ArrayBuffer
  bytes: number
}

const TIMEOUT_MS = 30_000
const BEACON_MS = 5000
const WORTH_PACKING = 1024
const LONGEST_WAIT_MS = 86_400_000
// A plain content type and no header of our own spare every upload a CORS preflight. The server
// tells gzip by its first bytes.
const HEADERS = { 'content-type': 'text/plain;charset=UTF-8' }

/** Length of JSON in UTF-8, a little too much at worst. A TextEncoder takes five times as long. */
export const byteLength = (json: string): number =>
  json.length + 2 * json.replace(/[ -~]+/g, '').length

export const plain = (text: string): Body => ({ content: text, bytes: byteLength(text) })

/** Compresses where it pays and the browser can. Takes a moment: not for a page that is leaving. */
export const pack = async (text: string): Promise<Body> => {
  if (text.length <= WORTH_PACKING || !globalThis.CompressionStream) return plain(text)
  const packed = new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'))
  const content = await new Response(packed).arrayBuffer()
  return { content, bytes: content.byteLength }
}

/** `Retry-After` is a number of seconds or a date. */
const readWait = (header: string | null): number => {
  const seconds = Number(header)
  const waitMs = seconds >= 0 ? seconds * 1000 : Date.parse(String(header)) - Date.now()
  return Math.min(waitMs || 0, LONGEST_WAIT_MS)
}

/** @param keepalive lets the request outlive the page, of which browsers allow 64 KiB at a time */
export const post = async (url: string, body: Body, keepalive: boolean): Promise<Outcome> => {
  try {
    const { ok, status, headers } = await fetch(url, {
      method: 'POST',
      headers: HEADERS,
      body: body.content,
      credentials: 'omit',
      keepalive,
      // Safari 15 has none; there the browser's own limit must do.
      signal: AbortSignal.timeout?.(TIMEOUT_MS),
    })
    if (ok) return { kind: 'delivered' }
    return status === 408 || status === 429 || status >= 500
      ? { kind: 'retry', afterMs: readWait(headers.get('retry-after')) }
      : { kind: 'reject', status }
  } catch {
    return { kind: 'retry', afterMs: 0 }
  }
}

/**
 * Sends while the page goes away. A beacon, for browsers whose fetch cannot outlive the page, never
 * tells its outcome: should the page live on, the batch goes out once more, in time.
 */
export const postLast = (url: string, body: Body): Promise<Outcome> => {
  if ('keepalive' in Request.prototype) return post(url, body, true)
  navigator.sendBeacon(url, body.content)
  return new Promise((resolve) => {
    setTimeout(resolve, BEACON_MS, { kind: 'retry', afterMs: 0 })
  })
}
