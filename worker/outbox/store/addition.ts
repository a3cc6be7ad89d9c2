import { byteLength } from '../../connections/split'

/** A row of SQLite takes 2 MB; a single delivery may have 1.5 MB. */
export const largestSegmentBytes = 1_000_000

/** What a commit adds to a segment: deliveries, and the ledger of their hand-offs. */
export interface Addition {
  body: string
  /** The ids of the hand-offs, each behind a line break. */
  ids: string
  accepted: number
  filtered: Record<string, number>
  deliveries: number
  events: number
}

/** What deleted segments held besides their bodies. */
export type Removed = Omit<Addition, 'body'>

/** What a commit adds to a lane, before it is cut into segments. */
export interface LaneAddition extends Addition {
  lane: string
  parts: { body: string; events: number }[]
}

/** An addition in pieces that fit into a row each. The first has the ledger. */
export const partsOf = ({ parts, ...ledger }: LaneAddition): Addition[] => {
  const additions: Addition[] = []
  let bytes = 0
  for (const { body, events } of parts) {
    const size = byteLength(body)
    let last = additions.at(-1)
    if (!last || bytes + size > largestSegmentBytes) {
      last = additions.length === 0 ? { ...ledger } : emptyAddition()
      additions.push(last)
      bytes = 0
    }
    bytes += size
    last.body += body
    last.deliveries += 1
    last.events += events
  }
  return additions
}

export const emptyAddition = (): Addition => ({
  body: '',
  ids: '',
  accepted: 0,
  filtered: {},
  deliveries: 0,
  events: 0,
})
