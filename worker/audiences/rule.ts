import type { Json, JsonObject } from '../base/json'

/** A condition on one field: operators, a subset of MongoDB's, or a value that it must equal. */
export type FieldQuery = Json

/** Conditions by field, all of which must hold; `$and`, `$or` and `$nor` take lists of queries. */
export type Query = JsonObject

export const comparisons = ['gte', 'gt', 'lte', 'lt', 'eq'] as const
export type Comparison = Partial<Record<(typeof comparisons)[number], number>>

export const aggregates = ['sum', 'min', 'max'] as const
export type Aggregate = (typeof aggregates)[number]

/** A condition on past events; without a comparison: at least one. */
export interface EventRule {
  /** The name of a custom event or screen, or the action of a commerce event. */
  name?: string
  /** An `event_type` of batches. */
  type?: string
  where?: Query
  /** `7d`: only events of the last 7 days. Default: since the profile was created. */
  within?: string
  count?: Comparison
  sum?: Comparison & { property: string }
  min?: Comparison & { property: string }
  max?: Comparison & { property: string }
}

/**
 * A condition on an attribute that holds a date: within `last 30d` or `next 3d`, or before or after
 * a date.
 */
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

/** The `input` of what audiences generate. Ids of inputs cannot begin with @. */
export const audienceSource = '@audiences'
