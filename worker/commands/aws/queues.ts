import * as v from 'valibot'
import { isQueueName, queueNameOf, queueUrl } from './address'
import type { Backend } from './backend'
import { sqsError } from './error-answers'
import type { Message } from './message'
import { asSent, wellFormed, withOrigin } from './queue-answers'
import type { SavedQueue } from './queue-files'
import { type AwsAnswer, type AwsRequest, targetOf } from './request'
import {
  cleanJournal,
  entryAgain,
  type Queue,
  readEntries,
  type SendContext,
  sendEntries,
} from './sending'

// The queue URL that fauxqs builds from the host `localhost` of forwarded requests.
const BACKEND_ORIGIN = 'http://sqs.us-east-1.localhost'

const inputSchema = v.looseObject({
  QueueUrl: v.optional(v.string()),
  QueueName: v.optional(v.string()),
  Attributes: v.optional(v.record(v.string(), v.string())),
})
type Input = v.InferOutput<typeof inputSchema>

const inspectionSchema = v.object({
  messages: v.object({
    ready: v.array(v.object({ messageId: v.string() })),
    delayed: v.array(v.object({ messageId: v.string() })),
    inflight: v.array(v.object({ message: v.object({ messageId: v.string() }) })),
  }),
})

export interface Queues {
  answer(request: AwsRequest): Promise<AwsAnswer>
  /** @returns the queue's URL */
  create(name: string, attributes?: Record<string, string>): Promise<string>
  messages(name: string): Message[]
  names(): string[]
  purge(name: string): Promise<void>
}

interface Options extends Pick<SendContext, 'files' | 'onLanded'> {
  backend: Backend
  /** Where clients reach this server. */
  origin: string
}

interface State extends SendContext {
  backend: Backend
  queues: Map<string, Queue>
}

/**
 * SQS in front of fauxqs. It keeps its own list of what was sent, since fauxqs forgets the group
 * of a message in a standard queue and refuses characters above U+FFFF, which SQS accepts.
 */
export async function openQueues({ origin, ...options }: Options): Promise<Queues> {
  const state: State = {
    ...options,
    queues: new Map(),
    issued: new Map(),
    call: (action, input) => callBackend(options.backend, action, input),
  }
  for (const saved of options.files.load()) await restore(state, saved)
  return {
    answer: async (request) => withOrigin(await answerSqs(state, request), origin),
    async create(name, attributes = {}) {
      const answer = await createQueue(state, { QueueName: name, Attributes: attributes })
      if (answer.status !== 200) throw new Error(`Queue ${name}: ${answer.body}`)
      return queueUrl(origin, name)
    },
    messages: (name) => (state.queues.get(name)?.sent ?? []).flatMap(stored),
    names: () => [...state.queues.keys()],
    async purge(name) {
      const input = { QueueUrl: queueUrl(BACKEND_ORIGIN, name) }
      await act(state, 'PurgeQueue', input, state.queues.get(name))
    },
  }
}

async function answerSqs(state: State, request: AwsRequest): Promise<AwsAnswer> {
  if (request.method !== 'POST' || request.url !== '/') {
    // fauxqs would take it for S3 and answer 200.
    const type = 'com.amazon.coral.service#UnknownOperationException'
    return sqsError(404, type, 'SQS requests go to POST /.')
  }
  const input = inputOf(request)
  if (input === undefined) {
    const type = 'com.amazon.coral.service#SerializationException'
    return sqsError(400, type, 'The body is not a JSON object of known fields.')
  }
  const name = input.QueueUrl === undefined ? undefined : queueNameOf(input.QueueUrl)
  const addressed =
    name === undefined ? input : { ...input, QueueUrl: queueUrl(BACKEND_ORIGIN, name) }
  const answer = await act(state, targetOf(request), addressed, state.queues.get(name ?? ''))
  return wellFormed(answer)
}

async function act(
  state: State,
  action: string,
  input: Input,
  queue: Queue | undefined
): Promise<AwsAnswer> {
  if (action === 'CreateQueue') return createQueue(state, input)
  if (queue === undefined) return state.call(action, input)
  if (action === 'SendMessage' || action === 'SendMessageBatch') {
    const read = readEntries(action, input)
    return 'entries' in read ? sendEntries(state, queue, read) : read
  }
  const answer = await state.call(action, input)
  if (answer.status !== 200) return answer
  if (action === 'ReceiveMessage') return asSent(answer, queue)
  if (action.startsWith('DeleteMessage') || action === 'PurgeQueue') await settle(state, queue)
  if (action === 'DeleteQueue') {
    state.files.remove(queue.name)
    state.queues.delete(queue.name)
  }
  if (action === 'SetQueueAttributes') {
    Object.assign(queue.attributes, input.Attributes)
    state.files.saveAttributes(queue.name, queue.attributes)
  }
  return answer
}

async function createQueue({ call, files, queues }: State, input: Input): Promise<AwsAnswer> {
  const name = input.QueueName ?? ''
  if (!isQueueName(name)) {
    const rule = 'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80.'
    return sqsError(400, 'com.amazonaws.sqs#InvalidParameterValue', rule)
  }
  const answer = await call('CreateQueue', input)
  if (answer.status !== 200 || queues.has(name)) return answer
  const attributes = { ...input.Attributes }
  try {
    files.saveAttributes(name, attributes)
  } catch (error) {
    await call('DeleteQueue', { QueueUrl: queueUrl(BACKEND_ORIGIN, name) })
    throw error
  }
  queues.set(name, { name, attributes, sent: [] })
  return answer
}

/** Removes messages that fauxqs no longer has, except those still on their way to it. */
async function settle({ backend, files }: State, queue: Queue): Promise<void> {
  const asked = new Set(queue.sent.filter(({ backendId }) => backendId !== undefined))
  const url = `/_fauxqs/queues/${queue.name}`
  const answer = await backend({ method: 'GET', url, headers: {}, body: Buffer.alloc(0) })
  const { messages } = v.parse(inspectionSchema, JSON.parse(String(answer.body)))
  const present = new Set([
    ...[...messages.ready, ...messages.delayed].map(({ messageId }) => messageId),
    ...messages.inflight.map(({ message }) => message.messageId),
  ])
  queue.sent = queue.sent.filter((sent) => !asked.has(sent) || present.has(sent.backendId ?? ''))
  const left = queue.sent.map(({ message }) => message)
  files.rewrite(queue.name, left)
}

async function restore(state: State, { name, attributes, messages }: SavedQueue): Promise<void> {
  const url = queueUrl(BACKEND_ORIGIN, name)
  await state.call('CreateQueue', { QueueName: name, Attributes: attributes })
  const queue: Queue = { name, attributes, sent: [] }
  state.queues.set(name, queue)
  for (const message of messages) {
    const entry = entryAgain(message, name.endsWith('.fifo'), Date.now())
    const answer = await state.call('SendMessage', { QueueUrl: url, ...entry })
    const { MessageId } = JSON.parse(String(answer.body))
    // A write-ahead journal: it may hold messages that fauxqs then refused.
    if (answer.status !== 200 || state.issued.has(MessageId)) continue
    state.issued.set(MessageId, message.id)
    queue.sent.push({ message, backendId: MessageId })
  }
  if (queue.sent.length < messages.length) cleanJournal(state.files, queue)
}

function callBackend(backend: Backend, action: string, input: object): Promise<AwsAnswer> {
  return backend({
    method: 'POST',
    url: '/',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `AmazonSQS.${action}`,
    },
    body: Buffer.from(JSON.stringify(input)),
  })
}

/** @returns `undefined` when the body is not a JSON object or a known field has a wrong type */
function inputOf({ body }: AwsRequest): Input | undefined {
  try {
    const read = v.safeParse(inputSchema, JSON.parse(body.toString('utf8')))
    return read.success ? read.output : undefined
  } catch {
    return undefined
  }
}

function stored({ message, backendId }: Queue['sent'][number]): Message[] {
  return backendId === undefined ? [] : [message]
}
