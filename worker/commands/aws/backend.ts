import { buildApp } from 'fauxqs'
import type { AwsAnswer, AwsRequest } from './request'

// Written by Node's HTTP server.
const NOT_FORWARDED = new Set(['connection', 'content-length', 'date', 'keep-alive'])

/** Hands a request to fauxqs in this process and returns its answer. */
export type Backend = (request: AwsRequest) => Promise<AwsAnswer>

/** What we use of fauxqs's fastify application; fauxqs types it as `any`. */
interface App {
  removeContentTypeParser(type: string): void
  addContentTypeParser(
    type: string,
    options: { parseAs: 'buffer'; bodyLimit: number },
    parse: (request: unknown, body: Buffer, done: (error: null, body: Buffer) => void) => void
  ): void
  inject(request: {
    method: string
    url: string
    headers: Record<string, string>
    payload: Buffer
  }): Promise<{ statusCode: number; headers: Record<string, unknown>; rawPayload: Buffer }>
  close(): Promise<void>
}

/** fauxqs without a listening port: it would listen on every interface. */
export function openBackend(bodyLimitBytes: number): {
  send: Backend
  close: () => Promise<void>
} {
  const app: App = buildApp({ logger: false })
  // fauxqs stops at 11 MiB; its catch-all parser, which reads objects, is replaced to allow more.
  app.removeContentTypeParser('*')
  app.addContentTypeParser(
    '*',
    { parseAs: 'buffer', bodyLimit: bodyLimitBytes },
    (_request, body, done) => done(null, body)
  )
  const send: Backend = async ({ method, url, headers, body }) => {
    // fauxqs takes the region from the one and a bucket from the other. Here there is one region,
    // and the bucket is in the path by now.
    const { authorization: _unused, ...rest } = headers
    const answer = await app.inject({
      method,
      url,
      headers: { ...rest, host: 'localhost', 'content-length': String(body.length) },
      payload: body,
    })
    return {
      status: answer.statusCode,
      headers: endToEndHeaders(answer.headers),
      body: answer.rawPayload,
    }
  }
  return { send, close: () => app.close() }
}

function endToEndHeaders(headers: Record<string, unknown>): Record<string, string> {
  const pairs = Object.entries(headers).filter(([name]) => !NOT_FORWARDED.has(name))
  return Object.fromEntries(pairs.map(([name, value]) => [name, String(value)]))
}
