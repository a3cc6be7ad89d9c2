import * as v from 'valibot'
import { count, ms } from './scalars'

/** From best to worst: a connection with several shards is in the worst state of them. */
export const connectionStates = ['ok', 'paused', 'retrying', 'failing', 'suspended'] as const

export const lastErrorSchema = v.nullable(v.object({ at_ms: ms, reason: v.string() }))

const existingUsersSchema = v.pipe(
  v.object({
    wanted: v.boolean(),
    state: v.picklist(['walking', 'done']),
    profiles_done: count,
    profiles: count,
  }),
  v.description(
    'Of connections fed by audiences: whether existing members are sent, and how far that is.'
  )
)

export const connectionStatusSchema = v.object({
  id: v.string(),
  shards: count,
  state: v.picklist(connectionStates),
  last_error: lastErrorSchema,
  next_attempt_ms: v.nullable(ms),
  waiting: v.object({ deliveries: count, events: count, bytes: count, oldest_ms: v.nullable(ms) }),
  delivered: v.object({ deliveries: count, requests: count }),
  dead_letters: v.object({
    letters: count,
    deliveries: count,
    events: count,
    oldest_ms: v.nullable(ms),
  }),
  ledger: v.object({
    accepted: count,
    delivered: count,
    filtered: v.pipe(
      v.record(v.string(), count),
      v.description('By the setting that left them out.')
    ),
    dead: count,
    waiting: count,
  }),
  existing_users: v.exactOptional(existingUsersSchema),
})

export const statusSchema = v.object({ connections: v.array(connectionStatusSchema) })

const historyBucketSchema = v.object({
  at_ms: ms,
  delivered: count,
  requests: count,
  failed: count,
  dead: count,
})

export const historySchema = v.object({
  id: v.string(),
  from_ms: ms,
  to_ms: ms,
  bucket_ms: count,
  buckets: v.pipe(
    v.array(historyBucketSchema),
    v.description('Oldest first, without those in which nothing happened.')
  ),
})

export const checkedSchema = v.object({ ok: v.boolean() })

const deadLetterSchema = v.object({
  id: v.string(),
  at_ms: ms,
  reason: v.string(),
  deliveries: count,
  events: count,
  payloads: v.array(v.string()),
})

export const deadLettersSchema = v.object({
  dead_letters: v.array(deadLetterSchema),
  next: v.exactOptional(
    v.pipe(v.string(), v.description('Send it as `before` for the next page.'))
  ),
})

export const replayedSchema = v.object({ replayed: count })

export const deletedSchema = v.object({ deleted: count })

export type ConnectionStatus = v.InferOutput<typeof connectionStatusSchema>
export type Status = v.InferOutput<typeof statusSchema>
export type ExistingUsersStatus = v.InferOutput<typeof existingUsersSchema>
export type DeliveryHistory = v.InferOutput<typeof historySchema>
export type Checked = v.InferOutput<typeof checkedSchema>
export type Replayed = v.InferOutput<typeof replayedSchema>
export type Deleted = v.InferOutput<typeof deletedSchema>
export type DeadLetter = v.InferOutput<typeof deadLetterSchema>
export type DeadLetters = v.InferOutput<typeof deadLettersSchema>
