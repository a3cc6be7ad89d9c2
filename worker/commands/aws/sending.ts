import { createHash, randomUUID } from 'node:crypto'
import * as v from 'valibot'
import { sqsError } from './error-answers'
import type { Landed } from './landed'
import { type Entry, entrySchema, type Message } from './message'
import type { QueueFiles } from './queue-files'
import type { AwsAnswer } from './request'

export interface Queue {
  name: string
  attributes: Record<string, string>
  /** `backendId` is fauxqs's id, not known while the message is on its way there. */
  sent: { message: Message; backendId: string | undefined }[]
}

export interface SendContext {
  files: QueueFiles
  onLanded: (item: Landed) => void
  call: (action: string, input: object) => Promise<AwsAnswer>
  /** The id that the sender got for each message, by fauxqs's id. */
  issued: Map<string, string>
}

export interface Sending {
  action: string
  input: object
  entries: Entry[]
}

const resultSchema = v.looseObject({ Id: v.optional(v.string()), MessageId: v.string() })
const batchResultSchema = v.looseObject({ Successful: v.optional(v.array(resultSchema), []) })
type Result = v.InferOutput<typeof resultSchema>

// SQS accepts these, fauxqs does not; four bytes each, as in UTF-8.
const ABOVE_BMP = /[\u{10000}-\u{10ffff}]/gu

/** The messages of a SendMessage or SendMessageBatch, or the refusal of a malformed one. */
export function readEntries(
  action: string,
  input: { [key: string]: unknown }
): Sending | AwsAnswer {
  const listed = action === 'SendMessage' ? [input] : (input.Entries ?? [])
  const read = v.safeParse(v.array(entrySchema), listed)
  if (read.success) return { action, input, entries: read.output }
  const [index, ...field] = (v.getDotPath(read.issues[0]) ?? '').split('.')
  const path =
    action === 'SendMessage'
      ? field.join('.')
      : `SendMessageBatchRequestEntry.${Number(index) + 1}.${field.join('.')}`
  const type = 'com.amazonaws.sqs#MissingParameter'
  return sqsError(400, type, `The request must contain the parameter ${path}.`)
}

/**
 * Writes the messages to the journal, sends them to fauxqs, and removes those that it did not store.
 * Throws, with nothing stored, when the journal cannot be written.
 */
export async function sendEntries(
  { files, onLanded, call, issued }: SendContext,
  queue: Queue,
  { action, input, entries }: Sending
): Promise<AwsAnswer> {
  const now = Date.now()
  const pending = entries.map((entry) => ({
    message: messageOf(entry, queue, now),
    backendId: undefined as string | undefined,
  }))
  files.append(
    queue.name,
    pending.map(({ message }) => message)
  )
  queue.sent.push(...pending)

  const forwarded = entries.map((entry, index) => forBackend(entry, pending[index]?.message))
  const answer = await call(
    action,
    action === 'SendMessage' ? { ...input, ...forwarded[0] } : { ...input, Entries: forwarded }
  )
  const accept = (result: Result, index: number): Result => {
    const sent = pending[index]
    const entry = entries[index]
    if (sent === undefined || entry === undefined) return result
    if (!issued.has(result.MessageId)) {
      sent.backendId = result.MessageId
      issued.set(result.MessageId, sent.message.id)
      const { id, body } = sent.message
      onLanded({ kind: 'message', queue: queue.name, id, bytes: Buffer.byteLength(body), body })
    }
    const id = issued.get(result.MessageId) ?? result.MessageId
    return { ...result, MessageId: id, MD5OfMessageBody: md5(entry.MessageBody) }
  }
  const body = rewritten(answer, accept, action, entries)

  const refused = new Set(pending.filter(({ backendId }) => backendId === undefined))
  if (refused.size > 0) {
    queue.sent = queue.sent.filter((sent) => !refused.has(sent))
    cleanJournal(files, queue)
  }
  return { ...answer, body }
}

export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex')
}

/** The request that sends a message to fauxqs again after a restart. */
export function entryAgain(message: Message, isFifo: boolean, nowMs: number): Entry {
  const dueMs = message.sentAtMs + (message.delaySeconds ?? 0) * 1000
  // Within a queue an id can only repeat after the five minutes of deduplication.
  const dedupId = nowMs - message.sentAtMs < 300_000 ? message.dedupId : message.id
  return forBackend(
    {
      MessageBody: message.body,
      MessageAttributes: message.attributes,
      DelaySeconds: isFifo ? 0 : Math.max(0, Math.ceil((dueMs - nowMs) / 1000)),
      ...(message.groupId === undefined ? {} : { MessageGroupId: message.groupId }),
    },
    { ...message, dedupId: isFifo ? (dedupId ?? message.id) : undefined }
  )
}

function messageOf(entry: Entry, queue: Queue, nowMs: number): Message {
  const hasContentDedup = queue.attributes.ContentBasedDeduplication === 'true'
  const contentId = () => createHash('sha256').update(entry.MessageBody).digest('hex')
  return {
    id: randomUUID(),
    body: entry.MessageBody,
    attributes: entry.MessageAttributes ?? {},
    groupId: entry.MessageGroupId,
    dedupId: entry.MessageDeduplicationId ?? (hasContentDedup ? contentId() : undefined),
    delaySeconds: entry.DelaySeconds,
    sentAtMs: nowMs,
  }
}

function forBackend(entry: Entry, message: Message | undefined): Entry {
  const body = entry.MessageBody.replace(ABOVE_BMP, '????')
  return { ...entry, MessageBody: body, MessageDeduplicationId: message?.dedupId }
}

function rewritten(
  answer: AwsAnswer,
  accept: (result: Result, index: number) => Result,
  action: string,
  entries: Entry[]
): AwsAnswer['body'] {
  if (answer.status !== 200) return answer.body
  const value: unknown = JSON.parse(String(answer.body))
  if (action === 'SendMessage') return JSON.stringify(accept(v.parse(resultSchema, value), 0))
  const batch = v.parse(batchResultSchema, value)
  const Successful = batch.Successful.map((result) =>
    accept(
      result,
      entries.findIndex(({ Id }) => Id === result.Id)
    )
  )
  return JSON.stringify({ ...batch, Successful })
}

/** Rewrites the journal with only the messages in the queue. */
export function cleanJournal(files: QueueFiles, queue: Queue): void {
  try {
    files.rewrite(
      queue.name,
      queue.sent.map(({ message }) => message)
    )
  } catch (error) {
    // The next rewrite removes them; until then a restart may bring back a refused message.
    console.warn(`The journal of ${queue.name} keeps messages that were refused.`, error)
  }
}
