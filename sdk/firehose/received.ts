import type { EventProcessingRequest } from './messages'

/**
 * The argument of a hook: an event or notification with its request, which JSON.stringify omits.
 */
export type Received<T> = T & { readonly request: EventProcessingRequest }

/** Adds its request to an event or notification. */
export const receive = <T extends object>(item: T, request: EventProcessingRequest): Received<T> =>
  // Not enumerable, also if the event has a field of this name: the reference is circular.
  Object.defineProperty(item, 'request', {
    value: request,
    configurable: true,
    enumerable: false,
  }) as Received<T>

export type Awaitable<T> = T | Promise<T>
