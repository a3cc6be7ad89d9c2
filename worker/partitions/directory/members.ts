import type { Changed } from '../../audiences/trigger'

/** A change that a profile told of. */
export interface ToldChange {
  at_ms: number
  mpid: string
  event: 'enter' | 'exit'
}

const keptChanges = 50

/**
 * Who is in which audience, of the profiles of one shard. A profile may tell the same twice.
 *
 * Stored: `members` (audience, mpid), `changes` (the newest of each audience).
 */
export class Members {
  constructor(private readonly sql: SqlStorage) {}

  note(mpid: string, changed: Changed[]): void {
    for (const { at_ms, changes } of changed) {
      for (const { audience, event } of changes) {
        if (event === 'enter') {
          this.sql.exec('INSERT OR IGNORE INTO members VALUES (?, ?)', audience, mpid)
        } else {
          this.sql.exec('DELETE FROM members WHERE audience = ? AND mpid = ?', audience, mpid)
        }
        this.#keep(audience, { at_ms, mpid, event })
      }
    }
  }

  #keep(audience: string, { at_ms, mpid, event }: ToldChange): void {
    this.sql.exec('INSERT OR IGNORE INTO changes VALUES (?, ?, ?, ?)', audience, at_ms, mpid, event)
    this.sql.exec(
      `DELETE FROM changes WHERE audience = ? AND at_ms < (
         SELECT at_ms FROM changes WHERE audience = ? ORDER BY at_ms DESC LIMIT 1 OFFSET ?)`,
      audience,
      audience,
      keptChanges
    )
  }

  /** Sets a profile's memberships to what they are. */
  set(mpid: string, audiences: string[]): void {
    const known = this.sql
      .exec<{ audience: string }>('SELECT audience FROM members WHERE mpid = ?', mpid)
      .toArray()
      .map(({ audience }) => audience)
    for (const audience of known) {
      if (audiences.includes(audience)) continue
      this.sql.exec('DELETE FROM members WHERE audience = ? AND mpid = ?', audience, mpid)
    }
    for (const audience of audiences) {
      if (known.includes(audience)) continue
      this.sql.exec('INSERT OR IGNORE INTO members VALUES (?, ?)', audience, mpid)
    }
  }

  /** Forgets a profile. @returns in how many audiences it was */
  remove(mpid: string): number {
    const { rowsWritten } = this.sql.exec('DELETE FROM members WHERE mpid = ?', mpid)
    this.sql.exec('DELETE FROM changes WHERE mpid = ?', mpid)
    return rowsWritten
  }

  /** Forgets audiences that are no more: one that comes again under the same id begins anew. */
  keepOnly(audiences: string[]): void {
    const known = this.sql
      .exec<{ audience: string }>(
        'SELECT DISTINCT audience FROM members UNION SELECT DISTINCT audience FROM changes'
      )
      .toArray()
    for (const { audience } of known) {
      if (audiences.includes(audience)) continue
      this.sql.exec('DELETE FROM members WHERE audience = ?', audience)
      this.sql.exec('DELETE FROM changes WHERE audience = ?', audience)
    }
  }

  size(audience: string): number {
    return this.sql
      .exec<{ n: number }>('SELECT COUNT(*) AS n FROM members WHERE audience = ?', audience)
      .one().n
  }

  /** Of each audience that has any. */
  sizes(): Record<string, number> {
    return Object.fromEntries(
      this.sql
        .exec<{ audience: string; n: number }>(
          'SELECT audience, COUNT(*) AS n FROM members GROUP BY audience'
        )
        .toArray()
        .map(({ audience, n }) => [audience, n])
    )
  }

  /** Newest first. */
  latest(audience: string, limit: number): ToldChange[] {
    return this.sql
      .exec<{ at_ms: number; mpid: string; event: 'enter' | 'exit' }>(
        `SELECT at_ms, mpid, event FROM changes WHERE audience = ?
         ORDER BY at_ms DESC, mpid LIMIT ?`,
        audience,
        limit
      )
      .toArray()
  }
}
