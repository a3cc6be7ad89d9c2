const retentionMs = 30 * 86_400_000
const listedChars = 4_000_000

/** Deliveries that could not be delivered, stored as in their segment. */
export interface DeadPart {
  reason: string
  lane: string
  deliveries: number
  events: number
  body: string
}

export interface DeadLetter extends DeadPart {
  id: number
  at_ms: number
}

export interface DeadCount {
  letters: number
  deliveries: number
  events: number
  oldest_ms: number | null
}

/** Dead letters: retained for 30 days, to be inspected, replayed or discarded. */
export class DeadLetters {
  constructor(private readonly sql: SqlStorage) {}

  add({ reason, lane, deliveries, events, body }: DeadPart, nowMs: number): void {
    this.sql.exec(
      'INSERT INTO dead (at_ms, reason, lane, deliveries, events, body) VALUES (?, ?, ?, ?, ?, ?)',
      nowMs,
      reason,
      lane,
      deliveries,
      events,
      body
    )
  }

  /** Newest first, before the id `before`; at least one, at most 4 MB. */
  list(limit: number, before: number): DeadLetter[] {
    const found: DeadLetter[] = []
    let chars = 0
    const rows = this.sql.exec<DeadLetter & Record<string, SqlStorageValue>>(
      'SELECT * FROM dead WHERE id < ? ORDER BY id DESC LIMIT ?',
      before,
      limit
    )
    for (const row of rows) {
      chars += row.body.length
      if (found.length > 0 && chars > listedChars) break
      found.push(row)
    }
    return found
  }

  ids(limit: number): number[] {
    return this.sql
      .exec<{ id: number }>('SELECT id FROM dead ORDER BY id DESC LIMIT ?', limit)
      .toArray()
      .map((row) => row.id)
  }

  find(id: number): DeadLetter | undefined {
    return this.sql
      .exec<DeadLetter & Record<string, SqlStorageValue>>('SELECT * FROM dead WHERE id = ?', id)
      .toArray()[0]
  }

  /** Replaces the deliveries of one with those that are left; without any it is deleted. */
  replace(id: number, { body, deliveries, events }: Omit<DeadPart, 'reason' | 'lane'>): void {
    if (deliveries === 0) this.sql.exec('DELETE FROM dead WHERE id = ?', id)
    else {
      this.sql.exec(
        'UPDATE dead SET body = ?, deliveries = ?, events = ? WHERE id = ?',
        body,
        deliveries,
        events,
        id
      )
    }
  }

  /** Removes one and returns it. */
  take(id: number): DeadLetter | undefined {
    return this.sql
      .exec<DeadLetter & Record<string, SqlStorageValue>>(
        'DELETE FROM dead WHERE id = ? RETURNING *',
        id
      )
      .toArray()[0]
  }

  /** Deletes those that are older than 30 days. @returns how many events they held */
  expire(nowMs: number): number {
    return this.sql
      .exec<{ events: number }>(
        'DELETE FROM dead WHERE at_ms <= ? RETURNING events',
        nowMs - retentionMs
      )
      .toArray()
      .reduce((sum, row) => sum + row.events, 0)
  }

  count(): DeadCount {
    return this.sql
      .exec<DeadCount & Record<string, SqlStorageValue>>(
        `SELECT COUNT(*) AS letters, IFNULL(SUM(deliveries), 0) AS deliveries,
         IFNULL(SUM(events), 0) AS events, MIN(at_ms) AS oldest_ms FROM dead`
      )
      .one()
  }

  /** When the oldest one expires, ms. Asked after every commit, so it reads one row. */
  nextExpiryMs(): number | undefined {
    const [oldest] = this.sql
      .exec<{ at_ms: number }>('SELECT at_ms FROM dead ORDER BY id LIMIT 1')
      .toArray()
    return oldest && oldest.at_ms + retentionMs
  }
}
