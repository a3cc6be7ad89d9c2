import type { Feature } from '../core'

/** Writes each event to the console. Uploads are in the browser's network panel. */
export const debug = (): Feature<object> => (core) => {
  core.hooks.push((event) => console.debug('weir', event))
  return {}
}
