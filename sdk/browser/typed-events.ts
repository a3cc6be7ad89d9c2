import type { Attributes } from './user'

/** Any name, any attributes. */
export type AnyEvents = Record<string, Attributes | undefined>

/** Attributes by event name; `undefined` for an event without attributes. */
export type EventMap<E> = {
  [N in keyof E]: { [A in keyof E[N]]: Attributes[string] | undefined } | undefined
}

/** The arguments of `track` after the name. Attributes are required for events that have some. */
export type TrackArguments<A, D> = undefined extends A
  ? [attributes?: A, details?: D]
  : [attributes: A, details?: D]
