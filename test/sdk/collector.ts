import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'

export interface CollectedEvent {
  event_type: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever arrived
  data: any
}

export interface CollectedBatch {
  source_request_id: string
  events: CollectedEvent[]
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever arrived
  [field: string]: any
}

export interface Upload {
  atMs: number
  path: string
  headers: IncomingMessage['headers']
  bodyBytes: number
  isGzip: boolean
  status: number
  batch: CollectedBatch
}

export interface Answer {
  status: number
  headers?: Record<string, string>
}

const CORS = { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'retry-after' }

const read = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** A stand-in for the worker: records requests, and answers 202 unless configured otherwise. */
export const startCollector = async () => {
  const uploads: Upload[] = []
  const methods: string[] = []
  const answers: Answer[] = []
  let always: Answer | undefined
  let gate: Promise<void> = Promise.resolve()

  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    methods.push(request.method ?? '')
    const body = await read(request)
    const isGzip = body[0] === 0x1f && body[1] === 0x8b
    const text = (isGzip ? gunzipSync(body) : body).toString()
    const next = answers.shift() ?? always ?? { status: 202 }
    if (text) {
      uploads.push({
        atMs: Date.now(),
        path: request.url ?? '',
        headers: request.headers,
        bodyBytes: body.length,
        isGzip,
        status: next.status,
        batch: JSON.parse(text),
      })
    }
    await gate
    response.writeHead(next.status, { ...CORS, ...next.headers }).end()
  }

  const server = createServer((request, response) => {
    // A page that goes away takes its connections along.
    answer(request, response).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  /** What the worker would keep: batches it accepted, without repeats. */
  const batches = () => {
    const taken = new Map<string, CollectedBatch>()
    for (const { status, batch } of uploads) {
      const id = String(batch.source_request_id ?? batch.request_id)
      if (status < 300 && !taken.has(id)) taken.set(id, batch)
    }
    return [...taken.values()]
  }
  const events = (type?: string) =>
    batches()
      .flatMap((batch) => batch.events ?? [])
      .filter((event) => !type || event.event_type === type)

  return {
    origin: `http://127.0.0.1:${port}`,
    uploads,
    methods,
    batches,
    events,
    /** Names of the custom events taken, sorted. */
    names: () =>
      events('custom_event')
        .map((event) => String(event.data.event_name))
        .sort(),
    /** The responses to the next requests, in order. */
    answerNext: (...next: (number | Answer)[]) => {
      for (const answer of next) {
        answers.push(typeof answer === 'number' ? { status: answer } : answer)
      }
    },
    /** Answers every request so that nothing else is scripted for. */
    answerAlways: (status: number) => {
      always = { status }
    },
    /** Takes requests and leaves them without an answer until released. */
    holdAnswers: () => {
      let release = () => {}
      gate = new Promise((resolve) => {
        release = resolve
      })
      return release
    },
    /** Refuses connections. */
    stop: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
    start: async () => {
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
    },
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

export type Collector = Awaited<ReturnType<typeof startCollector>>
