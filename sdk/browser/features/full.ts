import type { Client } from '../api'
import { aliases } from './aliases'
import { debug } from './debug'
import { type ScriptOptions, useQuiet } from './default'
import { geolocation } from './geolocation'
import { type NetworkOptions, network } from './network'
import { pages } from './pages'
import { push } from './push'
import { transitions } from './transitions'

/** The options of the full script's `init`. */
export interface FullScriptOptions extends ScriptOptions {
  /** Write each event to the console. Default `false`. */
  debug?: boolean
  /** Record start, background, foreground and end of the page. Default `false`. */
  transitions?: boolean
  /** Record each request of the page. Default `false`. */
  network?: boolean | NetworkOptions
}

/** Adds all features, as the script `weir-full.js` has them. */
export const useFull = (client: Client, options: FullScriptOptions) => {
  const all = useQuiet(client, options).use(aliases()).use(push()).use(geolocation())
  if (options.debug) all.use(debug())
  if (options.transitions) all.use(transitions())
  if (options.network) all.use(network(options.network))
  return options.pages === false ? all : all.use(pages())
}
