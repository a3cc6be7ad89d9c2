import { once } from 'node:events'
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { wait } from '../statistics'
import type { Body } from './contenders'

/** What came over the wire. */
export interface Traffic {
  uploads: number
  preflights: number
  /** As sent. */
  bodyBytes: number
  /** Uncompressed. */
  plainBytes: number
  events: number
}

/** A collector that takes everything. */
export interface Stub {
  origin: string
  /** What came since the count began. */
  traffic: Traffic
  /** Begins to count, events by this function. */
  count(eventsIn?: (body: Body) => number): void
  close(): void
}

export const roundTripMs = 100

/** Starts a server on a free port of this machine. */
export const listen = async (answer: RequestListener) => {
  const server = createServer(answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

const read = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const unpack = (body: Buffer): Buffer =>
  body[0] === 0x1f && body[1] === 0x8b ? gunzipSync(body) : body

// The least that Segment's CDN may say: uploads go here, no other destination, no metrics.
const segmentSettings = (host: string): string =>
  JSON.stringify({
    integrations: { 'Segment.io': { apiKey: 'bench', apiHost: `${host}/v1`, protocol: 'http' } },
    metrics: { sampleRate: 0 },
  })

const headersFor = ({ headers }: IncomingMessage): Record<string, string> => ({
  // Snowplow sends its requests with credentials.
  'access-control-allow-origin': headers.origin ?? '*',
  'access-control-allow-credentials': 'true',
  'access-control-allow-headers': headers['access-control-request-headers'] ?? '',
  'content-type': 'application/json',
})

const nothing = (): Traffic => ({
  uploads: 0,
  preflights: 0,
  bodyBytes: 0,
  plainBytes: 0,
  events: 0,
})

/** Answers after `roundTripMs`, preflights too. */
export const startStub = async (): Promise<Stub> => {
  let eventsIn: (body: Body) => number = () => 0

  const take = (body: Buffer) => {
    const plain = unpack(body)
    const { traffic } = stub
    traffic.uploads++
    traffic.bodyBytes += body.length
    traffic.plainBytes += plain.length
    traffic.events += eventsIn(JSON.parse(plain.toString()))
  }

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await read(request)
    if (request.method === 'OPTIONS') stub.traffic.preflights++
    if (request.method === 'POST') take(body)
    await wait(roundTripMs)
    const text = request.method === 'GET' ? segmentSettings(request.headers.host ?? '') : '{}'
    response.writeHead(200, headersFor(request)).end(text)
  }

  const server = await listen((request, response) => {
    // A page that is closed takes its connections along.
    answer(request, response).catch(() => response.destroy())
  })

  const stub: Stub = {
    ...server,
    traffic: nothing(),
    count: (counted = () => 0) => {
      eventsIn = counted
      stub.traffic = nothing()
    },
  }
  return stub
}
