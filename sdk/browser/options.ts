/** An event before it is stored. */
export interface RecordedEvent {
  event_type: string
  data: Record<string, unknown>
}

/** The body of one request, in the form of mParticle's web events. */
export interface UploadedBatch {
  source_request_id?: string
  events?: RecordedEvent[]
  [field: string]: unknown
}

/**
 * Options of a client. Only `key` is required.
 *
 * @example
 * createClient({ key: 'demo-web-key', app: { application_name: 'Shop' } })
 */
export interface ClientOptions {
  /**
   * The key of a `web` input. With a wrong key, events wait in the browser, and the console says
   * why.
   */
  key: string
  /**
   * Address of the worker, such as `https://events.example.com`, or the path of your own site that
   * is routed to it, such as `https://www.example.com/hello`. Default: the address that the script
   * tag loaded the SDK from; for the module, the origin of the page.
   */
  endpoint?: string
  /** Default `production`. `development` only marks the batches. */
  environment?: 'production' | 'development'
  /** Sent as `application_info`. Left out by default. */
  app?: { application_name?: string; application_version?: string; package?: string }
  /** Longest time in milliseconds between an event and its upload. Default 2000. */
  batchWaitMs?: number
  /** With this many waiting events, an upload starts at once. Default 50. */
  batchEvents?: number
  /**
   * Characters of `localStorage` that waiting events of this key may use. Default 4,000,000, of the
   * 5 Mi that browsers allow. Beyond it, events wait in memory only, with one warning on the
   * console.
   */
  storedChars?: number
  /**
   * Called with each event before it is stored. May change it in place; returning `false` or
   * throwing discards it.
   *
   * @example
   * onEvent: ({ data }) => { delete data.page_url }
   */
  onEvent?: (event: RecordedEvent) => unknown
  /** Called with each batch that the server has accepted, and the status. */
  onUpload?: (batch: UploadedBatch, status: number) => void
  /**
   * Called with each batch that is dropped, and the status: 400, 413, 415 or 422 when the server
   * rejected the body, 0 when the batch could not be delivered for 30 days. By default a warning on
   * the console.
   */
  onDrop?: (batch: UploadedBatch, status: number) => void
}
