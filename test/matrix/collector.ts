import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'

interface UploadedEvent {
  event_type: string
  data: { event_name?: string; source_message_id: string; timestamp_unixtime_ms: number }
}

export interface Upload {
  atMs: number
  status: number
  batch: { source_request_id: string; sent_unixtime_ms: number; events?: UploadedEvent[] }
}

export interface Answer {
  status: number
  headers?: Record<string, string>
}

export interface Tally {
  /** Events of the scenario that the worker would keep, each counted once. */
  received: number
  /** How many of them it would keep more than once. */
  doubled: number
  /** Batches that it would drop, having them already. */
  repeats: number
}

const CORS = { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'retry-after' }

const readBatch = async (request: IncomingMessage): Promise<Upload['batch']> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const body = Buffer.concat(chunks)
  const isGzip = body[0] === 0x1f && body[1] === 0x8b
  return JSON.parse((isGzip ? gunzipSync(body) : body).toString())
}

/** What the worker would make of the uploads: it drops those whose `source_request_id` it has seen. */
const tallyOf = (uploads: Upload[]): Tally => {
  const accepted = uploads.filter(({ status }) => status < 300).map(({ batch }) => batch)
  const kept = new Map<string, Upload['batch']>()
  // The first one counts: what a repeat has beyond it is lost.
  for (const batch of accepted)
    if (!kept.has(batch.source_request_id)) kept.set(batch.source_request_id, batch)
  const ids = [...kept.values()]
    .flatMap((batch) => batch.events ?? [])
    // `m…` are the scenario's own; the SDK adds screen views and sessions, `w…` is a warm-up.
    .filter(({ data }) => data.event_name?.startsWith('m'))
    .map(({ data }) => data.source_message_id)
  const received = new Set(ids).size
  return { received, doubled: ids.length - received, repeats: accepted.length - kept.size }
}

/** A stand-in for the worker: answers 202 unless told otherwise, and remembers what came. */
export const startCollector = async () => {
  const uploads: Upload[] = []
  let current: Answer = { status: 202 }

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const { status, headers } = current
    if (request.method === 'POST')
      uploads.push({ atMs: Date.now(), status, batch: await readBatch(request) })
    response.writeHead(status, { ...CORS, ...headers }).end()
  }

  const server = createServer((request, response) => {
    // A page that goes away takes its connections along.
    answer(request, response).catch(() => response.destroy())
  })
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
  const port = await listen(0)

  return {
    origin: `http://127.0.0.1:${port}`,
    uploads,
    tally: () => tallyOf(uploads),
    /** Answers every request so from now on. */
    answer: (next: Answer) => {
      current = next
    },
    /** Refuses connections. */
    stop: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
    start: () => listen(port),
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

export type Collector = Awaited<ReturnType<typeof startCollector>>
