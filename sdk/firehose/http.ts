import { MessageError, PermanentError, RetryableError } from './errors'
import type { MessageProcessor } from './processor'
import { readMessage } from './read-message'
import { hasToken } from './token'
import { writeMessage } from './write-message'

/** The options of all HTTP adapters. */
export interface HttpOptions {
  /**
   * Requests must have the header `Authorization: Token <token>`; only registration works without.
   * Without this option, no request needs a token. If it is present but empty or undefined, because
   * the secret is not set, all requests but registration are rejected.
   */
  token?: string | undefined
  /** The largest body, in bytes. Default 10 MiB. Larger ones are answered 413. */
  maxBytes?: number
  /** The only path that is answered. Default: any path. */
  path?: string
}

export interface HttpRequest {
  method: string
  path: string
  header(name: string): string | undefined
  /** The text of the body; undefined when it is larger than `maxBytes`. */
  read(maxBytes: number): Promise<string | undefined>
}

export interface HttpResponse {
  status: number
  headers: Record<string, string>
  body: string
}

const defaultMaxBytes = 10 * 1024 * 1024

const json = (
  status: number,
  body: string,
  headers: Record<string, string> = {}
): HttpResponse => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body,
})

const refusal = (status: number, error: string, headers?: Record<string, string>): HttpResponse =>
  json(status, JSON.stringify({ error }), headers)

/** The response to an error. Its status tells the platform whether to send the message again. */
const failure = (error: unknown): HttpResponse => {
  if (error instanceof MessageError) return refusal(400, error.message)
  if (error instanceof PermanentError) return refusal(422, error.message)
  if (!(error instanceof RetryableError)) return refusal(500, 'The message was not processed.')
  const { afterSeconds, message } = error
  if (afterSeconds === undefined) return refusal(503, message)
  return refusal(429, message, { 'retry-after': String(Math.max(0, Math.ceil(afterSeconds))) })
}

const respond = async (processor: MessageProcessor, request: HttpRequest, options: HttpOptions) => {
  const { maxBytes = defaultMaxBytes } = options
  const text = await request.read(maxBytes)
  if (text === undefined) {
    return refusal(413, `The body is longer than ${maxBytes} bytes.`, { connection: 'close' })
  }
  const message = readMessage(text)
  const isOpen = !('token' in options) || message.type === 'module_registration_request'
  if (!isOpen && !(await hasToken(request.header('authorization'), options.token))) {
    processor.log('A request without the right token was refused, which loses its data.')
    return refusal(401, 'The token is missing or wrong.', { 'www-authenticate': 'Token' })
  }
  return json(200, writeMessage(await processor.processMessage(message)))
}

/** Answers a platform's request. Never throws: an error of the processor becomes a status. */
export const answerHttp = async (
  processor: MessageProcessor,
  request: HttpRequest,
  options: HttpOptions
): Promise<HttpResponse> => {
  const { path = request.path } = options
  if (request.path !== path) return refusal(404, 'There is nothing here.')
  if (request.method !== 'POST') return refusal(405, 'Only POST.', { allow: 'POST' })
  try {
    return await respond(processor, request, options)
  } catch (error) {
    processor.log('A message was not processed.', error)
    return failure(error)
  }
}

/**
 * Reads a streamed body as text; undefined when it is larger than `maxBytes`. The rest is then not
 * read, and the iterator not closed: that would close the connection of a Node request before it is
 * answered.
 */
export const readText = async (
  chunks: AsyncIterator<Uint8Array>,
  maxBytes: number
): Promise<string | undefined> => {
  const decoder = new TextDecoder()
  const parts: string[] = []
  let bytes = 0
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
    bytes += next.value.byteLength
    if (bytes > maxBytes) return undefined
    parts.push(decoder.decode(next.value, { stream: true }))
  }
  return parts.join('') + decoder.decode()
}
