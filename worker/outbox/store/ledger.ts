/** Events by their outcome; accepted = delivered + filtered + dead + waiting. */
export interface Ledger {
  accepted: number
  delivered: number
  /** By the setting that filtered them. */
  filtered: Record<string, number>
  /** In dead letters, kept or discarded. */
  dead: number
  waiting: number
}

/** The ledger without the deliveries that still wait, whose segments count them. */
export interface Totals {
  accepted: number
  delivered: number
  filtered: Record<string, number>
  /** Of dead letters that were deleted or expired. */
  discarded: number
  /** Messages or lines delivered. */
  deliveries: number
  /** Requests that delivered them. */
  requests: number
}

export const noTotals = (): Totals => ({
  accepted: 0,
  delivered: 0,
  filtered: {},
  discarded: 0,
  deliveries: 0,
  requests: 0,
})

export const addCounts = (
  a: Record<string, number>,
  b: Record<string, number>
): Record<string, number> => {
  const sum = { ...a }
  for (const [name, count] of Object.entries(b)) sum[name] = (sum[name] ?? 0) + count
  return sum
}

/** Adds to some of the totals. */
export const addTotals = (totals: Totals, more: Partial<Totals>): Totals => ({
  accepted: totals.accepted + (more.accepted ?? 0),
  delivered: totals.delivered + (more.delivered ?? 0),
  filtered: addCounts(totals.filtered, more.filtered ?? {}),
  discarded: totals.discarded + (more.discarded ?? 0),
  deliveries: totals.deliveries + (more.deliveries ?? 0),
  requests: totals.requests + (more.requests ?? 0),
})

export const addLedgers = (a: Ledger, b: Ledger): Ledger => ({
  accepted: a.accepted + b.accepted,
  delivered: a.delivered + b.delivered,
  filtered: addCounts(a.filtered, b.filtered),
  dead: a.dead + b.dead,
  waiting: a.waiting + b.waiting,
})
