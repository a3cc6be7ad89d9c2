import type { createClient } from './client'
import type { useDefault } from './features/default'
import type { FullScriptOptions, useFull } from './features/full'

/** A client with the features of the script tag's `weir.js`. */
export type ScriptClient = ReturnType<typeof useDefault>

/** A client with the features of `weir-full.js`. */
export type FullClient = ReturnType<typeof useFull>

/**
 * What the script tag defines as `weir`: a client with all of its features. Calls made before `init`
 * wait for it.
 */
export type Weir<C = ScriptClient> = C & {
  /**
   * Creates the client that the other methods act on. The first call counts. Instead of a call, the
   * script tag may have the attribute `data-key`.
   *
   * @example
   * weir.init({ key: 'demo-web-key' })
   */
  init(options: FullScriptOptions): C
  createClient: typeof createClient
}
