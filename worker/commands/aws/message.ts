import * as v from 'valibot'

const attribute = v.looseObject({
  DataType: v.string(),
  StringValue: v.optional(v.string()),
  BinaryValue: v.optional(v.string()),
})

/** What a sender gives for one message: SendMessage itself, or one entry of a batch. */
export const entrySchema = v.looseObject({
  Id: v.optional(v.string()),
  MessageBody: v.pipe(v.string(), v.nonEmpty()),
  MessageAttributes: v.optional(v.record(v.string(), attribute)),
  MessageGroupId: v.optional(v.string()),
  MessageDeduplicationId: v.optional(v.string()),
  DelaySeconds: v.optional(v.number()),
})

/** A message as the queue holds it, and one line of the queue's journal. */
export const messageSchema = v.object({
  id: v.string(),
  body: v.string(),
  attributes: v.record(v.string(), attribute),
  groupId: v.optional(v.string()),
  dedupId: v.optional(v.string()),
  delaySeconds: v.optional(v.number()),
  sentAtMs: v.number(),
})

export type Entry = v.InferOutput<typeof entrySchema>
export type Message = v.InferOutput<typeof messageSchema>
