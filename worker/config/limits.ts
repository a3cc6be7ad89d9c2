import * as v from 'valibot'

const count = (most: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(most))

/** How much an input takes, and from whom. */
export const limitsSchema = v.strictObject({
  /** Of one IPv4 address, or of one /64 network of IPv6. */
  requests_per_minute_per_address: v.optional(count(1_000_000)),
  requests_per_minute: v.optional(count(100_000_000)),
  /** From midnight to midnight, UTC. */
  events_per_day: v.optional(count(1_000_000_000_000)),
  /** What becomes of requests whose user agent is a robot's. */
  bots: v.optional(v.picklist(['keep', 'flag', 'drop']), 'keep'),
})

export type Limits = v.InferOutput<typeof limitsSchema>
