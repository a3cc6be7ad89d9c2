import * as v from 'valibot'
import type { Json } from '../../base/json'
import { count, ms } from './scalars'

export const profileCountSchema = v.object({ count })

const mentionEntries = { at_ms: ms, input: v.string(), type: v.string(), name: v.string() }

const json: v.GenericSchema<Json> = v.any()

/** Values of attributes and of consent are whatever clients sent. */
export const profileSchema = v.object({
  mpid: v.string(),
  last_ms: ms,
  attributes: v.record(v.string(), json),
  identities: v.record(v.string(), v.object({ identity: v.string(), ms })),
  consent: v.record(v.string(), json),
  memberships: v.array(v.object({ audience: v.string(), since_ms: ms })),
  open_windows: count,
  latest_events: v.pipe(v.array(v.object(mentionEntries)), v.description('Newest first.')),
  waiting_events: v.pipe(
    v.array(v.object({ ...mentionEntries, environment: v.string(), event: v.string() })),
    v.description('Events that not all connections have, newest first, each as JSON text.')
  ),
})

export const foundSchema = v.object({
  profiles: v.pipe(
    v.array(v.object({ mpid: v.string(), last_ms: ms })),
    v.description('Latest upload first.')
  ),
  more: v.pipe(
    v.boolean(),
    v.description('Whether there may be others: one request looks at some.')
  ),
})

const erasedSchema = v.object({
  mpid: v.string(),
  profile: v.boolean(),
  uploads: v.pipe(count, v.description('Uploads that not all connections had.')),
  deliveries: count,
  dead_letters: count,
  directory: v.pipe(
    v.boolean(),
    v.description('Whether the mpid was listed, as a profile or as a member of audiences.')
  ),
})

export const erasureSchema = v.object({
  erased: v.array(erasedSchema),
  more: v.pipe(v.boolean(), v.description('Whether to repeat it for further profiles.')),
  requests: v.pipe(
    v.array(
      v.object({ output: v.string(), connection: v.string(), subject_request_id: v.string() })
    ),
    v.description('Requests to integrations, which wait in the outboxes of these connections.')
  ),
  skipped: v.pipe(
    v.array(v.object({ output: v.string(), reason: v.string() })),
    v.description('Outputs that support such requests and get none.')
  ),
})

export type Profile = v.InferOutput<typeof profileSchema>
export type ProfileCount = v.InferOutput<typeof profileCountSchema>
export type Erasure = v.InferOutput<typeof erasureSchema>
export type Found = v.InferOutput<typeof foundSchema>
