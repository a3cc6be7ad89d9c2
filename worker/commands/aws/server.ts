import { createServer } from 'node:http'
import { openBackend } from './backend'
import { openBuckets, type StoredObject } from './buckets'
import { s3Error, sqsError } from './error-answers'
import { answering, close, headOf, listen, readRequest, writeAnswer } from './http'
import { type Landed, openLanded } from './landed'
import type { Message } from './message'
import { openObjectFiles } from './object-files'
import { internalFailure } from './queue-answers'
import { openQueueFiles } from './queue-files'
import { openQueues } from './queues'
import { type AwsAnswer, type AwsRequest, serviceOf } from './request'

const BODY_LIMIT_BYTES = 16 * 1024 * 1024
const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|::1|localhost)$/

/** Drops the connection without an answer, before or after the request is executed. */
export interface Cut {
  cut: 'before' | 'after'
}

/** Executes a request and returns its answer. */
export type Pass = (request: AwsRequest) => Promise<AwsAnswer>

/** Gets every request first, and may return what to do instead of executing it. */
export type Before = (
  request: AwsRequest,
  pass: Pass
) => Promise<AwsAnswer | Cut | undefined> | AwsAnswer | Cut | undefined

export interface LocalAwsOptions {
  /** 0 lets the system choose. */
  port: number
  /** The folder for queues and objects; undefined: only in memory. */
  dataDir?: string
  host?: string
  /** Called once for each message and each object that was stored. */
  onLanded?: (item: Landed) => void
  before?: Before
}

export interface LocalAws {
  url: string
  port: number
  /** Does nothing to a queue that exists. @returns its URL */
  createQueue(name: string, attributes?: Record<string, string>): Promise<string>
  createBucket(name: string): Promise<void>
  /** All messages of a queue in the order they were sent, without receiving them. */
  messages(queue: string): Promise<Message[]>
  /** All objects of a bucket, by key. */
  objects(bucket: string): Promise<StoredObject[]>
  queueNames(): string[]
  bucketNames(): string[]
  /** Removes all messages and objects; queues and buckets stay. */
  empty(): Promise<void>
  stop(): Promise<void>
}

/**
 * Starts SQS and S3 on one loopback port. Does not check signatures.
 *
 * Rejects when the port is in use, when `host` is not a loopback address, and when `dataDir`
 * cannot be read.
 */
export async function startAws(options: LocalAwsOptions): Promise<LocalAws> {
  const { host = '127.0.0.1', before } = options
  if (!LOOPBACK.test(host)) throw new Error(`${host} is not a loopback address.`)
  const server = createServer()
  // The port first: the process that has it may be writing to the same folder.
  const port = await listen(server, options.port, host)
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  const opened = openServices(url, options)
  server.on(
    'request',
    answering(async (incoming, to) => {
      const { pass, landed } = await opened
      const request = await readRequest(incoming, BODY_LIMIT_BYTES)
      if (request === undefined) {
        return writeAnswer(headOf(incoming), tooLarge(headOf(incoming)), to)
      }
      if (request.method === 'GET' && request.url.split('?')[0] === '/_weir/landed') {
        return writeAnswer(request, await landed.answer(request.url), to)
      }
      const decision = await before?.(request, pass)
      if (decision !== undefined && 'cut' in decision) {
        if (decision.cut === 'after') await pass(request)
        incoming.socket.destroy()
        return
      }
      writeAnswer(request, decision ?? (await pass(request)), to)
    })
  )
  try {
    const { queues, buckets, backend } = await opened
    return {
      url,
      port,
      createQueue: queues.create,
      createBucket: buckets.create,
      messages: async (queue) => queues.messages(queue),
      objects: buckets.objects,
      queueNames: queues.names,
      bucketNames: buckets.names,
      async empty() {
        await Promise.all(queues.names().map(queues.purge))
        await Promise.all(buckets.names().map(buckets.empty))
      },
      async stop() {
        await close(server)
        await backend.close()
      },
    }
  } catch (error) {
    await close(server)
    throw error
  }
}

async function openServices(origin: string, options: LocalAwsOptions) {
  const backend = openBackend(BODY_LIMIT_BYTES)
  const landed = openLanded(() => new Date())
  const shared = {
    backend: backend.send,
    onLanded(item: Landed) {
      landed.add(item)
      options.onLanded?.(item)
    },
  }
  const { dataDir } = options
  const queues = await openQueues({ ...shared, files: openQueueFiles(dataDir), origin })
  const buckets = await openBuckets({ ...shared, files: openObjectFiles(dataDir) })
  const pass: Pass = async (request) => {
    const service = serviceOf(request)
    try {
      if (service === 'sqs') return await queues.answer(request)
      return service === 's3' ? await buckets.answer(request) : await backend.send(request)
    } catch (error) {
      console.error(`The local ${service.toUpperCase()} could not carry a request out.`, error)
      return failureOf(service)
    }
  }
  return { backend, landed, queues, buckets, pass }
}

function failureOf(service: string): AwsAnswer {
  if (service === 'sqs') return internalFailure()
  return s3Error(500, 'InternalError', 'We encountered an internal error. Please try again.')
}

function tooLarge(request: AwsRequest): AwsAnswer {
  if (serviceOf(request) !== 's3') {
    return sqsError(413, 'com.amazon.coral.service#RequestEntityTooLargeException', 'Too long.')
  }
  return s3Error(400, 'EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size')
}
