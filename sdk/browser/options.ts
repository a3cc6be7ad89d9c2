/** A batch as it went to the server, in the form of mParticle's web events. */
export interface DroppedBatch {
  source_request_id: string
  events: { event_type: string; data: Record<string, unknown> }[]
}

/**
 * How a client behaves. Only `key` is required.
 *
 * @example
 * createClient({ key: 'demo-web-key', app: { name: 'Shop', version: '3.1.4' } })
 */
export interface ClientOptions {
  /** The key of a `web` input. A wrong one makes the server refuse the batches: see `onDrop`. */
  key: string
  /**
   * Origin of the worker, such as `https://events.example.com`. By default the origin that the
   * script tag loaded the SDK from; for the module, the origin of the page.
   */
  endpoint?: string
  /** Default `production`. `development` marks the batches, it sends them no differently. */
  environment?: 'production' | 'development'
  /** Sent as `application_info`. Left out by default. */
  app?: { name?: string; version?: string; package?: string }
  /** Inactivity in milliseconds, over all tabs, after which a session is over. Default 30 minutes. */
  sessionTimeoutMs?: number
  /** Longest wait in milliseconds from the first waiting event to its upload. Default 2000. */
  batchWaitMs?: number
  /** Number of waiting events that starts an upload without further wait. Default 50. */
  batchEvents?: number
  /**
   * Characters of `localStorage` that waiting events of this key may fill. Default 4 MiB, of the
   * 5 Mi that browsers grant. Beyond it, events wait in memory only, and the console says so once.
   */
  storedChars?: number
  /**
   * Called for a batch that is given up: with the status by which the server refused it (a 4xx other
   * than 408 and 429), or with 0 when it could not be delivered for 30 days. By default the console
   * is told.
   */
  onDrop?: (batch: DroppedBatch, status: number) => void
}
