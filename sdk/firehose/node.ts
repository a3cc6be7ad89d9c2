import { answerHttp, type HttpOptions, readText } from './http'
import type { MessageProcessor } from './processor'

/** The part of Node's `IncomingMessage` that is needed. */
export interface NodeRequest {
  method?: string | undefined
  url?: string | undefined
  headers: Record<string, string | string[] | undefined>
  /** What a body parser of Express left. Better mount none: it rounds the ids of sessions. */
  body?: unknown
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array>
}

/** The part of Node's `ServerResponse` that is needed. */
export interface NodeResponse {
  writeHead(status: number, headers: Record<string, string>): unknown
  end(body: string): unknown
}

async function* one(chunk: Uint8Array) {
  yield chunk
}

const chunksOf = (request: NodeRequest): AsyncIterator<Uint8Array> => {
  const { body } = request
  if (body === undefined || body === null) return request[Symbol.asyncIterator]()
  if (body instanceof Uint8Array) return one(body)
  return one(new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)))
}

/** What `http.createServer` takes, and `app.post` of Express. */
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
