import * as v from 'valibot'
import type { Reason } from '../../audiences/compile'
import { count, ms } from './scalars'

const changeSchema = v.object({
  at_ms: ms,
  mpid: v.string(),
  event: v.picklist(['enter', 'exit']),
})

export const audienceStatusSchema = v.object({
  id: v.string(),
  size: v.pipe(count, v.description('How many profiles are inside.')),
  changes: v.pipe(v.array(changeSchema), v.description('The latest, newest first.')),
  walk: v.pipe(
    v.object({ walking: v.boolean(), profiles_done: count, profiles: count }),
    v.description('How many profiles were checked against the rules in force.')
  ),
})

/** A part of a rule with its result. */
export const reasonSchema: v.GenericSchema<Reason> = v.object({
  rule: v.string(),
  value: v.boolean(),
  next_ms: v.exactOptional(ms),
  parts: v.exactOptional(v.array(v.lazy(() => reasonSchema))),
})

export const previewSchema = v.object({
  member: v.boolean(),
  why: reasonSchema,
  next_ms: v.pipe(v.nullable(ms), v.description('When time alone may change it.')),
  unknown_events: v.exactOptional(
    v.pipe(
      v.array(v.string()),
      v.description(
        'Conditions on events that no saved rule has, so that the profile may lack them.'
      )
    )
  ),
  unknown_fields: v.exactOptional(
    v.pipe(
      v.array(v.string()),
      v.description('Fields that no saved rule has, so that the profile does not store them.')
    )
  ),
})

export type AudienceStatus = v.InferOutput<typeof audienceStatusSchema>
export type Preview = v.InferOutput<typeof previewSchema>
