import * as v from 'valibot'
import type { Problem } from '../../base/problem'

export const problemSchema: v.GenericSchema<Problem> = v.object({
  code: v.string(),
  path: v.pipe(v.string(), v.description('Dotted: connections.0.settings.queue_url.')),
  message: v.string(),
})

/** The body of every answer that refuses a request. */
export const errorsSchema = v.object({ errors: v.array(problemSchema) })

export type Errors = v.InferOutput<typeof errorsSchema>
