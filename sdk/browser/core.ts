import type { ClientOptions, RecordedEvent } from './options'
import type { State } from './storage'

/** What a feature is given to work with. */
export interface Core {
  options: ClientOptions
  /** What is kept for this key, shared by all tabs. */
  store: State
  /** Where uploads go. */
  url: string
  /** Aborted when the client is closed, and from the start where there is no browser. */
  closed: AbortSignal
  /** Listens to an event of window or worker until the client is closed. */
  on: Window['addEventListener']
  /** Records an event; the client adds time and id. Fields that are `undefined` are left out. */
  record(type: string, data: object): void
  /** Stores a body of its own, a JSON object, and sends it like a batch. */
  post(body: string): void
  /** Called for each event before it is stored. May change it; `false` leaves it out. */
  hooks: ((event: RecordedEvent) => unknown)[]
  /** Called before the user becomes another: what is over by now is still the old one's. */
  beforeUserChange(isReset?: boolean): void
  /** Called once a minute. */
  onTick(): void
  /** Closes the client. */
  close(): void
}

/**
 * A part of the SDK that a page may go without: what it returns become methods of the client. There
 * they do nothing once the client is closed, and an error in them is a warning on the console.
 */
export type Feature<M extends object> = (core: Core) => M
