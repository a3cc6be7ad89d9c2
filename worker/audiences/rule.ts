import type { Json, JsonObject } from '../base/json'

/** A condition on one value, in a subset of MongoDB's operators, or the value itself. */
export type FieldQuery = Json

/** Conditions by field, all of which must hold; `$and`, `$or` and `$nor` take lists of the same. */
export type Query = JsonObject

export const comparisons = ['gte', 'gt', 'lte', 'lt', 'eq'] as const
export type Comparison = Partial<Record<(typeof comparisons)[number], number>>

export const aggregates = ['sum', 'min', 'max'] as const
export type Aggregate = (typeof aggregates)[number]

/** Events that happened; without comparison at least one. */
export interface EventRule {
  /** The name of a custom event or screen, or the action of a commerce event. */
  name?: string
  /** An `event_type` of batches. */
  type?: string
  where?: Query
  /** `7d`: only events of so long ago. Without it: since the profile began. */
  within?: string
  count?: Comparison
  sum?: Comparison & { property: string }
  min?: Comparison & { property: string }
  max?: Comparison & { property: string }
}

/** An attribute that holds a date: `last 30d`, `next 3d`, or on one side of a fixed date. */
export interface DateRule {
  attribute: string
  within?: string
  before?: string
  after?: string
}

/** Who belongs to an audience. */
export type Rule =
  | { all: Rule[] }
  | { any: Rule[] }
  | { not: Rule }
  | { attribute: Query }
  | { event: EventRule }
  | { date: DateRule }
  | { audience: string }

export interface Audience {
  id: string
  /** A readable name; the id by default. */
  slug?: string | undefined
  rule: Rule
}

/** What stands for audiences where a connection's input would. No input's id can be like it. */
export const audienceSource = '@audiences'
