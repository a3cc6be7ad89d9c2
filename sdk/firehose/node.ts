import { answerHttp, type HttpOptions, readText } from './http'
import type { MessageProcessor } from './processor'

/** The part of Node's `IncomingMessage` that `node` uses. */
export interface NodeRequest {
  method?: string | undefined
  url?: string | undefined
  headers: Record<string, string | string[] | undefined>
  /** The result of a body parser of Express. Better use none: it rounds long session ids. */
  body?: unknown
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array>
}

/** The part of Node's `ServerResponse` that `node` uses. */
export interface NodeResponse {
  writeHead(status: number, headers: Record<string, string>): unknown
  end(body: string): unknown
}

async function* single(chunk: Uint8Array) {
  yield chunk
}

const chunksOf = (request: NodeRequest): AsyncIterator<Uint8Array> => {
  const { body } = request
  if (body === undefined || body === null) return request[Symbol.asyncIterator]()
  if (body instanceof Uint8Array) return single(body)
  return single(new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)))
}

/** A request listener for `http.createServer`, and for `app.post` of Express. */
export const node =
  (processor: MessageProcessor, options: HttpOptions = {}) =>
  async (request: NodeRequest, response: NodeResponse): Promise<void> => {
    const { status, headers, body } = await answerHttp(
      processor,
      {
        method: request.method ?? 'GET',
        path: (request.url ?? '/').replace(/\?.*$/s, ''),
        header: (name) => [request.headers[name]].flat()[0],
        read: (maxBytes) => readText(chunksOf(request), maxBytes),
      },
      options
    )
    response.writeHead(status, headers)
    response.end(body)
  }
