import type { Feature } from '../core'

/** Methods of the feature {@link geolocation}. */
export interface Geolocation {
  /**
   * Adds the user's location to each later event that has none. The browser asks the user for
   * permission.
   *
   * @param options of the browser's `watchPosition`
   */
  locate(options?: PositionOptions): void
  /** Stops adding the location. */
  stopLocating(): void
}

/** Adds the user's location to events, once the page asks for it. */
export const geolocation = (): Feature<Geolocation> => (core) => {
  let position: object | undefined
  let watch = 0
  core.hooks.push(({ data }) => {
    data.location ??= position
  })
  const stopLocating = () => {
    navigator.geolocation?.clearWatch(watch)
    position = undefined
  }
  core.closed.addEventListener('abort', stopLocating)
  return {
    locate: (options) => {
      stopLocating()
      const take = ({ coords: { latitude, longitude, accuracy } }: GeolocationPosition) => {
        position = { latitude, longitude, accuracy }
      }
      watch = navigator.geolocation?.watchPosition(take, null, options)
    },
    stopLocating,
  }
}
