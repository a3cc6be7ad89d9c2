import * as v from 'valibot'

export const count = v.pipe(v.number(), v.integer(), v.minValue(0))

export const ms = v.pipe(v.number(), v.integer(), v.description('Milliseconds since the epoch.'))

export const idSchema = v.object({ id: v.string() })

export type Id = v.InferOutput<typeof idSchema>
