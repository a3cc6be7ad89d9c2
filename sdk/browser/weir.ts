import type { createClient } from './client'
import type { useDefault } from './features/default'
import type { FullScriptOptions, useFull } from './features/full'

/** A client with the features of `weir.js`. */
export type ScriptClient = ReturnType<typeof useDefault>

/** A client with the features of `weir-full.js`. */
export type FullClient = ReturnType<typeof useFull>

/**
 * The global `weir` of the script tag: a client with the script's features. Calls before `init`
 * wait for it.
 */
export type Weir<C = ScriptClient> = C & {
  /**
   * Creates the client of the other methods. Only the first call has an effect. Instead of a call,
   * the script tag may have the attribute `data-key`.
   *
   * @example
   * weir.init({ key: 'demo-web-key' })
   */
  init(options: FullScriptOptions): C
  createClient: typeof createClient
}
