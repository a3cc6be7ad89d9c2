import { problem, RequestError } from './problem'

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b

const tooLarge = (maxBytes: number): RequestError =>
  new RequestError(413, [problem('too_large', '', `The body is larger than ${maxBytes} bytes.`)])

const readBounded = async (
  stream: ReadableStream<Uint8Array>,
  maxBytes: number
): Promise<Uint8Array> => {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of stream) {
    size += chunk.byteLength
    if (size > maxBytes) throw tooLarge(maxBytes)
    chunks.push(chunk)
  }
  const [only] = chunks
  if (only && chunks.length === 1) return only
  const bytes = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    bytes.set(chunk, offset)
    offset += chunk.byteLength
  }
  return bytes
}

/**
 * The raw body of a request, never buffered past `maxBytes`.
 *
 * @throws RequestError 413 when it is larger
 */
export const readRaw = async (request: Request, maxBytes: number): Promise<Uint8Array> => {
  const length = Number(request.headers.get('content-length') ?? Number.NaN)
  if (length > maxBytes) throw tooLarge(maxBytes)
  if (!request.body) return new Uint8Array()
  // The platform reads no more than a stated length, and reading at once is cheaper than by chunks.
  const raw = Number.isNaN(length)
    ? await readBounded(request.body, maxBytes)
    : new Uint8Array(await request.arrayBuffer())
  if (raw.byteLength > maxBytes) throw tooLarge(maxBytes)
  return raw
}

/**
 * A body as text, inflated no further than `maxBytes`. Gzip is recognised by its first bytes, since
 * a browser that sends `content-encoding` needs a preflight.
 *
 * @throws RequestError 413 when it is larger, 400 when it is neither UTF-8 nor valid gzip
 */
export const decodeBody = async (raw: Uint8Array, maxBytes: number): Promise<string> => {
  try {
    const bytes = isGzip(raw) ? await readBounded(gunzip(raw), maxBytes) : raw
    return decoder.decode(bytes)
  } catch (error) {
    if (error instanceof RequestError) throw error
    throw new RequestError(400, [problem('unreadable', '', 'The body is not UTF-8 text or gzip.')])
  }
}

/** A request's body as text: `readRaw` and `decodeBody`. */
export const readBody = async (request: Request, maxBytes: number): Promise<string> =>
  decodeBody(await readRaw(request, maxBytes), maxBytes)

const gunzip = (bytes: Uint8Array): ReadableStream<Uint8Array> =>
  new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))
