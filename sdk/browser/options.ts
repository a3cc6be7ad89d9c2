/** An event, on its way into the store. */
export interface RecordedEvent {
  event_type: string
  data: Record<string, unknown>
}

/** What went to the server in one request, in the form of mParticle's web events. */
export interface UploadedBatch {
  source_request_id?: string
  events?: RecordedEvent[]
  [field: string]: unknown
}

/**
 * How a client behaves. Only `key` is required.
 *
 * @example
 * createClient({ key: 'demo-web-key', app: { application_name: 'Shop' } })
 */
export interface ClientOptions {
  /** The key of a `web` input. With a wrong one, events wait in the browser: the console says why. */
  key: string
  /**
   * Address of the worker, such as `https://events.example.com`, or of the path at which your own
   * site leads to it, such as `https://www.example.com/hello`. By default where the script tag
   * loaded the SDK from; for the module, the origin of the page.
   */
  endpoint?: string
  /** Default `production`. `development` marks the batches, it sends them no differently. */
  environment?: 'production' | 'development'
  /** Sent as `application_info`. Left out by default. */
  app?: { application_name?: string; application_version?: string; package?: string }
  /** Longest wait in milliseconds from the first waiting event to its upload. Default 2000. */
  batchWaitMs?: number
  /** Number of waiting events that starts an upload without further wait. Default 50. */
  batchEvents?: number
  /**
   * Characters of `localStorage` that waiting events of this key may fill. Default 4,000,000, of the
   * 5 Mi that browsers grant. Beyond it, events wait in memory only, and the console says so once.
   */
  storedChars?: number
  /**
   * Called for each event before it is stored. May change it in place; returning `false` leaves it
   * out, and so does throwing.
   *
   * @example
   * onEvent: ({ data }) => { delete data.page_url }
   */
  onEvent?: (event: RecordedEvent) => unknown
  /** Called for what the server has taken, with its status. */
  onUpload?: (batch: UploadedBatch, status: number) => void
  /**
   * Called for what is given up: with the status by which the server said that it can make nothing
   * of the body (400, 413, 415 or 422), or with 0 for a batch that could not be delivered for 30
   * days. By default the console is told.
   */
  onDrop?: (batch: UploadedBatch, status: number) => void
}
