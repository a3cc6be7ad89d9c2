/** Counts of what an input dropped, flagged or refused; in requests or events, as the name says. */
export type TallyName =
  | 'requests_of_bots_dropped'
  | 'requests_of_bots_flagged'
  | 'requests_over_address_limit'
  | 'requests_over_minute_limit'
  | 'events_over_quota'
  | 'events_dropped_without_consent'
  | 'events_stripped_without_consent'

export type Counts = Partial<Record<TallyName, number>>

/** The counts since `since_ms`, and of each of the last 30 days by its date in UTC. */
export interface Tally {
  since_ms: number
  total: Counts
  days: Record<string, Counts>
}

const retainedDays = 30

export const addCounts = (left: Counts, right: Counts): Counts => {
  const sum = { ...left }
  for (const name of Object.keys(right) as TallyName[]) {
    sum[name] = (sum[name] ?? 0) + (right[name] ?? 0)
  }
  return sum
}

/** Adds counts to a tally, and drops days that are too old. */
export const withCounts = (before: Tally | undefined, counts: Counts, now: number): Tally => {
  const { since_ms, total, days } = before ?? { since_ms: now, total: {}, days: {} }
  const date = new Date(now).toISOString().slice(0, 10)
  const all = { ...days, [date]: addCounts(days[date] ?? {}, counts) }
  const retained = Object.keys(all).sort().slice(-retainedDays)
  return {
    since_ms,
    total: addCounts(total, counts),
    days: Object.fromEntries(retained.map((name) => [name, all[name] ?? {}])),
  }
}
