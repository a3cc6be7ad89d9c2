import * as v from 'valibot'
import { queueNameOf, queueUrl } from './address'
import { sqsError } from './error-answers'
import type { AwsAnswer } from './request'
import { md5, type Queue } from './sending'

const urlsSchema = v.looseObject({
  QueueUrl: v.optional(v.string()),
  QueueUrls: v.optional(v.array(v.string())),
})
const receivedSchema = v.looseObject({
  Messages: v.optional(v.array(v.looseObject({ MessageId: v.string() }))),
})

/** Restores the body and id with which received messages were sent. */
export function asSent(answer: AwsAnswer, queue: Queue): AwsAnswer {
  const received = v.parse(receivedSchema, JSON.parse(String(answer.body)))
  const sent = new Map(queue.sent.map(({ message, backendId }) => [backendId, message]))
  const Messages = received.Messages?.map((message) => {
    const { id, body } = sent.get(message.MessageId) ?? {}
    if (id === undefined || body === undefined) return message
    return { ...message, MessageId: id, Body: body, MD5OfBody: md5(body) }
  })
  return { ...answer, body: JSON.stringify({ ...received, Messages }) }
}

/** Replaces fauxqs's host name in queue URLs, which need not resolve, by the one that clients use. */
export function withOrigin(answer: AwsAnswer, origin: string): AwsAnswer {
  if (answer.status !== 200) return answer
  const read = v.safeParse(urlsSchema, JSON.parse(String(answer.body)))
  if (!read.success) return answer
  const { QueueUrl, QueueUrls } = read.output
  if (QueueUrl === undefined && QueueUrls === undefined) return answer
  const moved = (url: string) => queueUrl(origin, queueNameOf(url) ?? '')
  return {
    ...answer,
    body: JSON.stringify({
      ...(QueueUrl === undefined ? {} : { QueueUrl: moved(QueueUrl) }),
      ...(QueueUrls === undefined ? {} : { QueueUrls: QueueUrls.map(moved) }),
    }),
  }
}

/** fauxqs answers input it did not expect with an error of its web framework. */
export function wellFormed(answer: AwsAnswer): AwsAnswer {
  const isError = answer.status >= 400
  if (!isError || String(answer.body).includes('"__type"')) return answer
  if (answer.status >= 500) return internalFailure()
  return sqsError(400, 'com.amazon.coral.service#SerializationException', String(answer.body))
}

export function internalFailure(): AwsAnswer {
  return sqsError(500, 'com.amazonaws.sqs#InternalFailure', 'The request could not be carried out.')
}
