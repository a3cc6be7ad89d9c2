import type { ClientOptions, RecordedEvent } from './options'
import type { State } from './storage'

/** The client's internals, for features. */
export interface Core {
  options: ClientOptions
  /** Stored values of this key, shared by all tabs. */
  store: State
  /** The address of uploads. */
  url: string
  /** Aborted when the client is closed; from the start where there is no browser. */
  closed: AbortSignal
  /** Listens to an event of the window or worker, until the client is closed. */
  on: Window['addEventListener']
  /**
   * Records an event; the client adds its time and id. Fields that are `undefined` are left out.
   */
  record(type: string, data: object): void
  /** Stores a request body, a JSON object as text, and sends it like a batch. */
  post(body: string): void
  /** Called with each event before it is stored. May change it; returning `false` discards it. */
  hooks: ((event: RecordedEvent) => unknown)[]
  /** Called before the user changes, so that sessions that are over end with the old user. */
  beforeUserChange(isReset?: boolean): void
  /** Called once a minute. */
  onTick(): void
  /** Closes the client. */
  close(): void
}

/**
 * An optional part of the SDK. The methods that it returns become methods of the client: they do
 * nothing once the client is closed, and an error in them becomes a warning on the console.
 */
export type Feature<M extends object> = (core: Core) => M
