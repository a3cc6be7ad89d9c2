import * as v from 'valibot'
import { problemSchema } from './errors'
import { count, ms } from './scalars'

const countsSchema = v.record(v.string(), count)

export const inputStatusSchema = v.object({
  id: v.string(),
  last_seen_ms: v.pipe(v.nullable(ms), v.description('When events were last stored, to a minute.')),
  quota: v.exactOptional(v.object({ events_per_day: count, used: count })),
  counts: v.pipe(
    v.object({
      since_ms: v.exactOptional(ms),
      total: countsSchema,
      days: v.pipe(v.record(v.string(), countsSchema), v.description('By date in UTC.')),
    }),
    v.description('What was dropped, flagged or refused.')
  ),
})

const rejectedSchema = v.object({
  id: count,
  at_ms: ms,
  input: v.pipe(v.string(), v.description('Empty: the credentials matched no input.')),
  problems: v.array(problemSchema),
  payload: v.pipe(v.string(), v.description('The beginning of what was sent.')),
})

export const rejectedPageSchema = v.object({
  count: v.pipe(count, v.description('All that were ever rejected, also those no longer stored.')),
  rejected: v.array(rejectedSchema),
})

export type InputStatus = v.InferOutput<typeof inputStatusSchema>
export type Rejected = v.InferOutput<typeof rejectedSchema>
export type RejectedPage = v.InferOutput<typeof rejectedPageSchema>
