/** An event as the KPIs see it, whatever line it is written in. */
export interface Made {
  id: string
  ms: number
  client: string
  type: 'session' | 'purchase' | 'custom' | 'other'
  name?: string
  /** The numbers it carries; those of `texts` are written as text. */
  numbers: Record<string, number>
  texts: Record<string, string>
  currency?: string
  products: { price: number; quantity?: number }[]
  /** Given when products have no price. */
  totalAmount?: number
}

export type Random = () => number

/** Numbers from 0 to 1 that are the same in every run (mulberry32). */
export const seeded = (seed: number): Random => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const dayMs = 86_400_000
const hourMs = 3_600_000
export const firstMs = Date.UTC(2025, 1, 18)
const days = 62
// Nothing at all happens on these.
const quietDays = new Set([20, 21, 22, 40])

export const pick = <T>(random: Random, from: readonly T[]): T =>
  from[Math.floor(random() * from.length)]!

const names = ['LevelComplete', 'Signed up', 'Größe “gewählt”', "it's; DROP TABLE events", '=1+1']

// Sums of quarters are exact, in whatever order they are added.
const quarters = (random: Random): number => Math.floor(random() * 400) / 4

const custom = (random: Random): Partial<Made> => ({
  type: 'custom',
  name: pick(random, names),
  numbers: random() < 0.7 ? { score: quarters(random), depth: quarters(random) - 50 } : {},
  texts:
    random() < 0.5 ? { level: String(Math.floor(random() * 9)), colour: 'green', odd: '12px' } : {},
})

const purchase = (random: Random): Partial<Made> => ({
  type: 'purchase',
  ...(random() < 0.9 ? { currency: pick(random, ['EUR', 'USD']) } : {}),
  products: [
    {
      price: quarters(random),
      ...(random() < 0.6 ? { quantity: 1 + Math.floor(random() * 4) } : {}),
    },
  ],
})

const somethingElse = (): Partial<Made> => ({ type: 'other' })

const makeEvent = (random: Random, ms: number, client: string): Made => {
  const chance = random()
  const session: Partial<Made> = { type: 'session' }
  const kind =
    chance < 0.5
      ? session
      : chance < 0.85
        ? custom(random)
        : chance < 0.93
          ? purchase(random)
          : somethingElse()
  const id = String(Math.floor(random() * 2 ** 50))
  return { id, ms, client, type: 'other', numbers: {}, texts: {}, products: [], ...kind }
}

/** Every full hour of the days around, and a millisecond before: midnight in every time zone. */
const boundaries = (random: Random, clients: string[]): Made[] =>
  // Of 2025: New York's clocks change on 9 March, Berlin's on 30 March.
  [Date.UTC(2025, 2, 8), Date.UTC(2025, 2, 29)].flatMap((from) =>
    Array.from({ length: 72 }, (_, hour) => from + hour * hourMs).flatMap((ms) =>
      [ms - 1, ms].map((one) => makeEvent(random, one, pick(random, clients)))
    )
  )

/** Some five thousand events of 150 clients over 62 days, each id once. */
export const makeEvents = (seed: number): Made[] => {
  const random = seeded(seed)
  const clients = Array.from(
    { length: 150 },
    (_, index) => `${7_346_244_611_012_968_000n + BigInt(index)}`
  )
  const events = boundaries(random, clients)
  for (let day = 0; day < days; day++) {
    if (quietDays.has(day)) continue
    const known = clients.slice(0, 20 + day * 2)
    for (let count = 0; count < 80; count++) {
      const ms = firstMs + day * dayMs + Math.floor(random() * dayMs)
      events.push(makeEvent(random, ms, pick(random, known)))
    }
  }
  return events
}
