import type { Json, JsonObject } from '../../worker/base/json'

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export const seededRandom = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const alphabet = ['a', 'Z', '"', '\\', '/', '\n', '\u2028', '\u0000', 'é', '😀', '5', ':', ',', ' ']

const randomText = (random: () => number): string =>
  Array.from(
    { length: Math.floor(random() * 8) },
    () => alphabet[Math.floor(random() * alphabet.length)]
  ).join('')

const randomNumber = (random: () => number): number => {
  const pick = random()
  if (pick < 0.4) return Math.floor(random() * 1000)
  if (pick < 0.7) return -Math.floor(random() * Number.MAX_SAFE_INTEGER)
  return random() < 0.5 ? random() : random() * 10 ** Math.floor(random() * 40 - 20)
}

/** An object of random fields, nested up to `depth`. */
export const randomObject = (random: () => number, depth = 3): JsonObject =>
  Object.fromEntries(
    Array.from({ length: Math.floor(random() * 4) }, (_, i) => [
      `${randomText(random)}_${i}`,
      randomJson(random, depth - 1),
    ])
  )

/** Any JSON value, nested up to `depth`. */
export const randomJson = (random: () => number, depth = 4): Json => {
  const pick = random()
  if (depth > 0 && pick < 0.3) return randomObject(random, depth)
  if (depth > 0 && pick < 0.5) {
    return Array.from({ length: Math.floor(random() * 4) }, () => randomJson(random, depth - 1))
  }
  if (pick < 0.7) return randomText(random)
  if (pick < 0.9) return randomNumber(random)
  return [null, true, false][Math.floor(random() * 3)] ?? null
}
