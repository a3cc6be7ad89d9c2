import type { Feature } from '../core'

/** Methods of the feature {@link geolocation}. */
export interface Geolocation {
  /**
   * Asks where the user is, for which the browser asks the user, and adds it to each event from
   * there on that has no location of its own.
   *
   * @param options of the browser's `watchPosition`
   */
  locate(options?: PositionOptions): void
  /** Stops adding it. */
  stopLocating(): void
}

/** Location of events, on request. */
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
