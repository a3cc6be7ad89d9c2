import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { AwsAnswer } from './request'

const MAX_ITEMS = 200
const MAX_TEXT_BYTES = 65_536

/** A message that was sent to a queue, or an object that was written to a bucket. */
export type Landed =
  | { kind: 'message'; queue: string; id: string; bytes: number; body: string }
  | { kind: 'object'; bucket: string; key: string; bytes: number; body: Buffer }

export interface Text {
  text: string
  truncated?: true
}

/** The most recent 200 landed items, numbered from 1, for a page that polls. */
export function openLanded(now: () => Date) {
  const items: { n: number; at: string; item: Landed; text: Promise<Text> }[] = []
  let last = 0
  return {
    add(item: Landed): void {
      last += 1
      const text = textOf(
        Buffer.from(item.body),
        item.kind === 'object' && item.key.endsWith('.gz'),
        MAX_TEXT_BYTES
      )
      items.push({ n: last, at: now().toISOString(), item, text })
      if (items.length > MAX_ITEMS) items.shift()
    },
    async answer(url: string): Promise<AwsAnswer> {
      const after = Number(new URL(url, 'http://localhost').searchParams.get('after') ?? 0)
      const shown = items
        .filter(({ n }) => n > after)
        .map(async ({ n, at, item, text }) => {
          const { body: _unused, ...rest } = item
          return { n, at, ...rest, ...(await text) }
        })
      return {
        status: 200,
        headers: { 'content-type': 'application/json', 'access-control-allow-origin': '*' },
        body: JSON.stringify({ items: await Promise.all(shown), last }),
      }
    },
  }
}

/** Reads bytes as UTF-8 text, inflated first if `isGzip`; at most `maxBytes` of it. */
export async function textOf(body: Buffer, isGzip: boolean, maxBytes = Infinity): Promise<Text> {
  const bytes = isGzip ? await inflated(body, maxBytes) : body
  if (bytes.length <= maxBytes) return { text: bytes.toString('utf8') }
  // `stream` drops a character cut in half instead of replacing it.
  const text = new TextDecoder().decode(bytes.subarray(0, maxBytes), { stream: true })
  return { text, truncated: true }
}

async function inflated(body: Buffer, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of Readable.from([body]).pipe(createGunzip())) {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes > maxBytes) break
    }
  } catch {
    // A file that is not gzip in spite of its name is shown as far as it could be read.
  }
  return Buffer.concat(chunks)
}
