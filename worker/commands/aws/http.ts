import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import type { AwsAnswer, AwsRequest } from './request'

/** `undefined` when the body is longer than the limit; it is read to its end all the same. */
export async function readRequest(
  incoming: IncomingMessage,
  bodyLimitBytes: number
): Promise<AwsRequest | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of incoming) {
    bytes += chunk.length
    if (bytes <= bodyLimitBytes) chunks.push(chunk)
  }
  // Closing earlier would reach most clients as a broken connection, not as an answer.
  if (bytes > bodyLimitBytes) return undefined
  return { ...headOf(incoming), body: Buffer.concat(chunks) }
}

export function headOf({ method = 'GET', url = '/', headers }: IncomingMessage): AwsRequest {
  // The body is complete, so `transfer-encoding` no longer applies.
  const { 'transfer-encoding': _unused, ...rest } = headers
  const pairs = Object.entries(rest).map(([name, value]) => [name, String(value ?? '')])
  return { method, url, headers: Object.fromEntries(pairs), body: Buffer.alloc(0) }
}

export function writeAnswer(request: AwsRequest, answer: AwsAnswer, to: ServerResponse): void {
  const body = Buffer.from(answer.body)
  const isHead = request.method === 'HEAD'
  const length = isHead ? {} : { 'content-length': String(body.length) }
  to.writeHead(answer.status, { ...answer.headers, ...length })
  to.end(isHead ? undefined : body)
}

/** @returns the port, chosen by the system when 0 was asked for */
export function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') return reject(error)
      const message = `Port ${port} is in use. Stop what runs there or set AWS_PORT.`
      reject(new Error(message, { cause: error }))
    })
    server.listen(port, host, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

/** Stops at once, without waiting for keep-alive connections. */
export function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

/** A listener whose failures are logged and end the connection, never the process. */
export function answering(
  handle: (incoming: IncomingMessage, to: ServerResponse) => Promise<void>
): RequestListener {
  return (incoming, to) => {
    handle(incoming, to).catch((error: unknown) => {
      // Not logged when the client hung up.
      if (!incoming.readableAborted) console.error('A request failed.', error)
      to.destroy()
    })
  }
}
