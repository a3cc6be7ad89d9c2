/** Numbers from 0 to 1 that are the same for the same seed on every machine (mulberry32). */
export type Random = () => number

export const seededRandom = (seed: number): Random => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** A whole number from `from` to `upto`, both included. */
export const between = (random: Random, from: number, upto: number): number =>
  from + Math.floor(random() * (upto - from + 1))

export const oneOf = <T>(random: Random, list: readonly T[]): T => {
  const found = list[Math.floor(random() * list.length)]
  if (found === undefined) throw new Error('There is nothing to choose from.')
  return found
}

export const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))
