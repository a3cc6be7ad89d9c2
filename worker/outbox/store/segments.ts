import { byteLength } from '../../connections/split'
import { isQueueLane, queueLane } from '../../delivery'
import type { WaitingLane } from '../../outputs/target'
import { type Addition, largestSegmentBytes, type Removed } from './addition'
import { addCounts } from './ledger'

const segmentBytes = 256 * 1024
// Retention counts from the first delivery of a segment, so it takes no more after this long.
const openMs = 60_000

/** A row of waiting deliveries, stored as `writeDelivery` writes them. */
export interface Segment {
  seq: number
  lane: string
  opened_ms: number
  deliveries: number
  events: number
  bytes: number
}

export interface SegmentBody extends Segment {
  body: string
}

/** What is left of a segment of which some deliveries were removed. */
export type Left = Pick<SegmentBody, 'body' | 'deliveries' | 'events'>

export interface LaneState extends WaitingLane {
  /** The oldest segment that is in no planned file. */
  first_seq: number
}

type Row<T> = T & Record<string, SqlStorageValue>

const columns = 'seq, lane, opened_ms, deliveries, events, bytes'

/** The rows of waiting deliveries, appended at one end and removed whole at the other. */
export class Segments {
  readonly lanes = new Map<string, LaneState>()
  bytes = 0
  #nextSeq = 1
  readonly #open = new Map<string, Segment & { filtered: Record<string, number> }>()

  constructor(private readonly sql: SqlStorage) {}

  /** Loads what is cached of the rows. `planned` segments belong to files, so to no lane. */
  load(planned: Set<number>): void {
    this.#open.clear()
    this.lanes.clear()
    this.bytes = 0
    for (const segment of this.all()) {
      this.#nextSeq = segment.seq + 1
      this.bytes += segment.bytes
      if (!planned.has(segment.seq)) this.#addToLane(segment)
    }
  }

  #addToLane({ seq, lane, bytes, deliveries, opened_ms }: Segment): void {
    const state = this.lanes.get(lane)
    if (state) {
      state.bytes += bytes
      state.deliveries += deliveries
    } else this.lanes.set(lane, { first_seq: seq, bytes, deliveries, opened_ms })
  }

  /** Without bodies, oldest first. */
  all(): Iterable<Segment> {
    return this.sql.exec<Row<Segment>>(`SELECT ${columns} FROM segments ORDER BY seq`)
  }

  append(lane: string, addition: Addition, nowMs: number): void {
    const bytes = byteLength(addition.body)
    const open = this.#open.get(lane)
    const isOpen =
      open &&
      open.bytes < segmentBytes &&
      open.bytes + bytes <= largestSegmentBytes &&
      nowMs - open.opened_ms < openMs
    const { deliveries, events } = addition
    const segment = { seq: open?.seq ?? 0, lane, opened_ms: nowMs, deliveries, events, bytes }
    this.bytes += bytes
    if (isOpen) {
      open.filtered = addCounts(open.filtered, addition.filtered)
      open.bytes += bytes
      this.#extend(open.seq, addition, { bytes, filtered: open.filtered })
    } else {
      segment.seq = this.#insert(segment, addition)
      this.#open.set(lane, { ...segment, filtered: addition.filtered })
    }
    this.#addToLane(segment)
  }

  #extend(
    seq: number,
    { ids, accepted, deliveries, events, body }: Addition,
    { bytes, filtered }: { bytes: number; filtered: Record<string, number> }
  ): void {
    this.sql.exec(
      `UPDATE segments SET ids = ids || ?, accepted = accepted + ?, filtered = ?,
       deliveries = deliveries + ?, events = events + ?, bytes = bytes + ?, body = body || ?
       WHERE seq = ?`,
      ids,
      accepted,
      JSON.stringify(filtered),
      deliveries,
      events,
      bytes,
      body,
      seq
    )
  }

  #insert(segment: Segment, { ids, accepted, filtered, body }: Addition): number {
    const seq = this.#nextSeq++
    const { lane, opened_ms, deliveries, events, bytes } = segment
    this.sql.exec(
      'INSERT INTO segments VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      seq,
      lane,
      opened_ms,
      ids,
      accepted,
      JSON.stringify(filtered),
      deliveries,
      events,
      bytes,
      body
    )
    return seq
  }

  /**
   * The oldest segments of a lane from `fromSeq` on, with their bodies, until `isEnough`. No more
   * deliveries are added to them.
   */
  read(
    lane: string,
    fromSeq: number,
    isEnough: (found: SegmentBody[], next: Segment) => boolean
  ): SegmentBody[] {
    const found: SegmentBody[] = []
    const cursor = this.sql.exec<Row<SegmentBody>>(
      `SELECT ${columns}, body FROM segments WHERE lane = ? AND seq >= ? ORDER BY seq`,
      lane,
      fromSeq
    )
    for (const segment of cursor) {
      if (found.length > 0 && isEnough(found, segment)) break
      found.push(segment)
    }
    if (found.some(({ seq }) => seq === this.#open.get(lane)?.seq)) this.#open.delete(lane)
    return found
  }

  /** Removes the oldest segments from a lane, for a file of at most `maxBytes`. */
  takeForFile(lane: string, maxBytes: number): SegmentBody[] {
    const state = this.lanes.get(lane)
    if (!state) return []
    let bytes = 0
    let next: Segment | undefined
    const segments = this.read(lane, state.first_seq, (found, candidate) => {
      bytes += found.at(-1)?.bytes ?? 0
      next = candidate
      return bytes + candidate.bytes > maxBytes
    })
    if (!next || segments.some(({ seq }) => seq === next?.seq)) this.lanes.delete(lane)
    else {
      for (const { bytes: gone, deliveries } of segments) {
        state.bytes -= gone
        state.deliveries -= deliveries
      }
      state.first_seq = next.seq
      state.opened_ms = next.opened_ms
    }
    return segments
  }

  bodies(seqs: number[]): string[] {
    return seqs.flatMap((seq) =>
      this.sql
        .exec<{ body: string }>('SELECT body FROM segments WHERE seq = ?', seq)
        .toArray()
        .map((row) => row.body)
    )
  }

  find(seq: number): SegmentBody | undefined {
    return this.sql
      .exec<Row<SegmentBody>>(`SELECT ${columns}, body FROM segments WHERE seq = ?`, seq)
      .toArray()[0]
  }

  openedBefore(ms: number): number[] {
    return this.sql
      .exec<{ seq: number }>('SELECT seq FROM segments WHERE opened_ms < ? ORDER BY seq', ms)
      .toArray()
      .map((row) => row.seq)
  }

  /** Further deliveries go into new segments. */
  close(): void {
    this.#open.clear()
  }

  /** Replaces the deliveries of a queue's segment with those that are left. */
  rewrite(segment: Segment, left: Left): void {
    this.#shrink(segment.lane, {
      bytes: segment.bytes - this.replace(segment.seq, left),
      deliveries: segment.deliveries - left.deliveries,
    })
  }

  /** The same of any segment, in its row only: call `load` afterwards. @returns the new bytes */
  replace(seq: number, { body, deliveries, events }: Left): number {
    const bytes = byteLength(body)
    this.sql.exec(
      'UPDATE segments SET body = ?, deliveries = ?, events = ?, bytes = ? WHERE seq = ?',
      body,
      deliveries,
      events,
      bytes,
      seq
    )
    return bytes
  }

  #shrink(lane: string, by: { bytes: number; deliveries: number }): void {
    this.bytes -= by.bytes
    const state = this.lanes.get(lane)
    if (!state) return
    state.bytes -= by.bytes
    state.deliveries -= by.deliveries
  }

  // The queue's lane now begins with the oldest of the remaining segments.
  #reopenQueueLane(): void {
    const state = this.lanes.get(queueLane)
    if (!state) return
    const [oldest] = this.sql
      .exec<{ seq: number; opened_ms: number }>(
        'SELECT seq, opened_ms FROM segments WHERE lane = ? ORDER BY seq LIMIT 1',
        queueLane
      )
      .toArray()
    if (!oldest) this.lanes.delete(queueLane)
    else {
      state.first_seq = oldest.seq
      state.opened_ms = oldest.opened_ms
    }
  }

  /** Deletes segments of a queue, or of a planned file, which are in no lane. */
  remove(seqs: number[]): Removed {
    const removed: Removed = { ids: '', accepted: 0, filtered: {}, deliveries: 0, events: 0 }
    for (const seq of seqs) {
      const [row] = this.sql
        .exec<Row<Omit<Segment, 'seq'> & { ids: string; accepted: number; filtered: string }>>(
          `DELETE FROM segments WHERE seq = ?
           RETURNING lane, ids, accepted, filtered, deliveries, events, bytes`,
          seq
        )
        .toArray()
      if (!row) continue
      removed.ids += row.ids
      removed.accepted += row.accepted
      removed.filtered = addCounts(removed.filtered, JSON.parse(row.filtered))
      removed.deliveries += row.deliveries
      removed.events += row.events
      if (isQueueLane(row.lane)) this.#shrink(queueLane, row)
      else this.bytes -= row.bytes
    }
    this.#reopenQueueLane()
    return removed
  }

  sums(): { accepted: number; events: number; deliveries: number; oldest_ms: number | null } {
    return this.sql
      .exec<{ accepted: number; events: number; deliveries: number; oldest_ms: number | null }>(
        `SELECT IFNULL(SUM(accepted), 0) AS accepted, IFNULL(SUM(events), 0) AS events,
         IFNULL(SUM(deliveries), 0) AS deliveries, MIN(opened_ms) AS oldest_ms FROM segments`
      )
      .one()
  }

  filtered(): Record<string, number> {
    return this.sql
      .exec<{ filtered: string }>("SELECT filtered FROM segments WHERE filtered <> '{}'")
      .toArray()
      .reduce((sum, row) => addCounts(sum, JSON.parse(row.filtered)), {})
  }
}
