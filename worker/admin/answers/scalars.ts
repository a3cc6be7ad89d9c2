import * as v from 'valibot'

export const count = v.pipe(v.number(), v.integer(), v.minValue(0))

/** Not always whole: clients may send dates with fractions, and rules count from them. */
export const ms = v.pipe(v.number(), v.description('Milliseconds since the epoch.'))

export const idSchema = v.object({ id: v.string() })

export type Id = v.InferOutput<typeof idSchema>
