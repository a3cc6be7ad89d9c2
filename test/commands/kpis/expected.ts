import type { Made } from './events'

type Rows = Record<string, unknown>[]

/** The KPIs by their paths, computed the plain way from the words of their definitions. */
export type Expected = Record<string, Rows>

const plus = (day: string, days: number): string =>
  new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10)

/** A set of clients for each day. */
class DaySets {
  private readonly sets = new Map<string, Set<string>>()

  add(day: string, client: string): void {
    this.sets.set(day, this.of(day).add(client))
  }

  of(day: string): Set<string> {
    return this.sets.get(day) ?? new Set()
  }

  between(from: string, to: string): Set<string> {
    const all = new Set<string>()
    for (let day = from; day <= to; day = plus(day, 1)) for (const one of this.of(day)) all.add(one)
    return all
  }
}

type Dated = Made & { day: string }

const earliest = (events: Dated[]): Map<string, string> => {
  const first = new Map<string, string>()
  for (const { client, day } of events) {
    const known = first.get(client)
    if (known === undefined || day < known) first.set(client, day)
  }
  return first
}

const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0)

const groupBy = <T>(items: T[], keyOf: (item: T) => string): [string, T[]][] => {
  const groups = new Map<string, T[]>()
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item])
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1))
}

const revenue = (events: Dated[]): Rows =>
  groupBy(
    events.filter(({ type }) => type === 'purchase'),
    ({ day, currency }) => `${day} ${currency ?? '~'}`
  ).map(([, some]) => {
    const products = some.flatMap((one) => one.products)
    return {
      day: some[0]!.day,
      currency: some[0]!.currency ?? null,
      purchases: some.length,
      sum: sum(products.map(({ price }) => price)),
      gross: sum(products.map(({ price, quantity }) => price * (quantity ?? 1))),
    }
  })

const numbersOf = ({ numbers, texts }: Made): [string, number][] => [
  ...Object.entries(numbers),
  ...Object.entries(texts)
    .filter(([, text]) => /^\d+$/.test(text))
    .map(([name, text]): [string, number] => [name, Number(text)]),
]

const metrics = (events: Dated[]): Rows =>
  groupBy(events.flatMap(numbersOf), ([name]) => name).map(([metric, pairs]) => {
    const values = pairs.map(([, value]) => value)
    return {
      metric,
      count: values.length,
      min: Math.min(...values),
      max: Math.max(...values),
      sum: sum(values),
    }
  })

const customEvents = (events: Dated[]): Expected => {
  const custom = events.filter(({ type }) => type === 'custom')
  return Object.fromEntries(
    groupBy(custom, ({ name }) => name!).map(([name, own]) => [
      `/events/${encodeURIComponent(name)}/count`,
      groupBy(own, ({ day }) => day).map(([day, some]) => ({
        day,
        count: some.length,
        metrics: metrics(some),
      })),
    ])
  )
}

const shared = (some: Set<string>, others: Set<string>): number =>
  [...some].filter((one) => others.has(one)).length

const retention = (
  active: DaySets,
  { days, prefix, windows }: { days: string[]; prefix: string; windows: [number, number, number][] }
): Rows =>
  days.map((day) => {
    const cohort = active.of(day)
    const columns = windows.flatMap(([k, from, to]) => {
      const isOver = plus(day, to) <= days.at(-1)!
      const count = shared(cohort, active.between(plus(day, from), plus(day, to)))
      return [
        [`${prefix}_${k}`, isOver ? count : null],
        [`${prefix}_${k}_ratio`, isOver && cohort.size > 0 ? count / cohort.size : null],
      ]
    })
    return { day, active: cohort.size, ...Object.fromEntries(columns) }
  })

const calendar = (events: Dated[]): string[] => {
  const known = events.map(({ day }) => day).sort()
  const days: string[] = []
  for (let day = known[0]!; day <= known.at(-1)!; day = plus(day, 1)) days.push(day)
  return days
}

export const expectedKpis = (made: Made[], timeZone: string): Expected => {
  const local = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' })
  const events = made.map((event) => ({ ...event, day: local.format(event.ms) }))
  const days = calendar(events)
  const sessions = events.filter(({ type }) => type === 'session')
  const active = new DaySets()
  for (const { day, client } of sessions) active.add(day, client)
  const bought = earliest(events.filter(({ type }) => type === 'purchase'))
  const firsts = [...earliest(sessions).values()]
  const paying = (clients: Set<string>, day: string): number =>
    [...clients].filter((one) => (bought.get(one) ?? '9999') <= day).length
  const month = (day: string) => active.between(plus(day, -29), day)
  const byDay = (count: (day: string) => number): Rows =>
    days.map((day) => ({ day, count: count(day) }))
  return {
    '/kpis/new-users/lifetime-count': [{ count: new Set(made.map(({ client }) => client)).size }],
    '/kpis/dau/count': byDay((day) => active.of(day).size),
    '/kpis/mau/count': byDay((day) => month(day).size),
    '/kpis/new-users/count': byDay((day) => firsts.filter((one) => one === day).length),
    '/kpis/sessions/count': byDay((day) => sessions.filter((one) => one.day === day).length),
    '/kpis/daily-revenue/sum': revenue(events),
    '/kpis/pdau/count': byDay((day) => paying(active.of(day), day)),
    '/kpis/pmau/count': byDay((day) => paying(month(day), day)),
    '/kpis/day-k-retention/count': retention(active, {
      days,
      prefix: 'day',
      windows: [
        [1, 1, 1],
        [3, 3, 3],
        [5, 5, 5],
        [7, 7, 7],
      ],
    }),
    '/kpis/week-k-retention/count': retention(active, {
      days,
      prefix: 'week',
      windows: [
        [1, 1, 7],
        [2, 8, 14],
        [3, 15, 21],
      ],
    }),
    ...customEvents(events),
  }
}
