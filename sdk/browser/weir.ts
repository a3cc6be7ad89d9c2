import type { Client, createClient } from './client'
import type { ClientOptions } from './options'

/** What the script tag defines as `weir`. Calls made before `init` wait for it. */
export interface Weir extends Client {
  /**
   * Creates the client that the other methods act on. The first call counts.
   *
   * @example
   * weir.init({ key: 'demo-web-key' })
   */
  init(options: ClientOptions): Client
  createClient: typeof createClient
}
