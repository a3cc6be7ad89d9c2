import type { EventProcessingRequest } from './messages'

/** What a hook is called with: it leads back to its request, which JSON does not show. */
export type Received<T> = T & { readonly request: EventProcessingRequest }

/** Gives an event or notification its way back. */
export const receive = <T extends object>(item: T, request: EventProcessingRequest): Received<T> =>
  // Enumerable it would be a circle, which one that the event brought along would be.
  Object.defineProperty(item, 'request', {
    value: request,
    configurable: true,
    enumerable: false,
  }) as Received<T>

export type Awaitable<T> = T | Promise<T>
