/** What is counted of an input besides what it stores. Requests, or events where the name says so. */
export type TallyName =
  | 'requests_of_bots_dropped'
  | 'requests_of_bots_flagged'
  | 'requests_over_address_limit'
  | 'requests_over_minute_limit'
  | 'events_over_quota'
  | 'events_dropped_without_consent'
  | 'events_stripped_without_consent'

export type Counts = Partial<Record<TallyName, number>>

/** All that was counted since `since_ms`, and of each of the last days, by its date in UTC. */
export interface Tally {
  since_ms: number
  total: Counts
  days: Record<string, Counts>
}

const keptDays = 30

/** Counts as one sum. */
export const addCounts = (one: Counts, other: Counts): Counts => {
  const sum = { ...one }
  for (const name of Object.keys(other) as TallyName[]) {
    sum[name] = (sum[name] ?? 0) + (other[name] ?? 0)
  }
  return sum
}

/** A tally with more counts. */
export const withCounts = (before: Tally | undefined, counts: Counts, now: number): Tally => {
  const { since_ms, total, days } = before ?? { since_ms: now, total: {}, days: {} }
  const date = new Date(now).toISOString().slice(0, 10)
  const all = { ...days, [date]: addCounts(days[date] ?? {}, counts) }
  const kept = Object.keys(all).sort().slice(-keptDays)
  return {
    since_ms,
    total: addCounts(total, counts),
    days: Object.fromEntries(kept.map((name) => [name, all[name] ?? {}])),
  }
}
