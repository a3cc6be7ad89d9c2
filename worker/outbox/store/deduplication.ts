const keptIds = 200_000
const rowChars = 32 * 1024
const keptMs = 72 * 3_600_000
// Between the clocks of two machines.
const skewMs = 60_000

/**
 * Recognizes repeated hand-offs by their ids: the newest are cached, all of the last 72 hours are in
 * rows. A repeat says since when it may have been stored, so that only late ones need the rows.
 *
 * Rows of `taken`: n, upto_ms (when the last id was added), ids (each behind a line break). The ids
 * of hand-offs that still wait are in `segments`.
 */
export class Deduplication {
  // In the order in which they were taken, with the time at which they surely had been.
  readonly #ids = new Map<string, number>()
  // Memory holds every id that was taken from this time on.
  #completeFromMs = 0

  constructor(private readonly sql: SqlStorage) {
    const newestFirst = [...this.#load()].reverse()
    for (const { ids, ms } of newestFirst) this.remember(ids, ms)
  }

  #load(): { ids: string[]; ms: number }[] {
    const loaded: { ids: string[]; ms: number }[] = []
    let count = 0
    for (const query of [
      'SELECT ids, opened_ms AS ms FROM segments ORDER BY seq DESC',
      'SELECT ids, upto_ms AS ms FROM taken ORDER BY n DESC',
    ]) {
      for (const row of this.sql.exec<{ ids: string; ms: number }>(query)) {
        if (count >= keptIds) {
          // Rows that were not loaded may be newer than some that were.
          this.#completeFromMs = Date.now()
          return loaded
        }
        const ids = row.ids.split('\n').slice(1)
        loaded.push({ ids, ms: row.ms })
        count += ids.length
      }
    }
    return loaded
  }

  /** Takes ids into memory; their rows are the caller's. */
  remember(ids: string[], nowMs: number): void {
    for (const id of ids) this.#ids.set(id, nowMs)
    if (this.#ids.size <= keptIds) return
    for (const [id, ms] of this.#ids) {
      if (this.#ids.size <= keptIds * 0.9) break
      this.#ids.delete(id)
      this.#completeFromMs = Math.max(this.#completeFromMs, ms)
    }
  }

  has(id: string, sinceMs: number): boolean {
    if (this.#ids.has(id)) return true
    const from = sinceMs - skewMs
    if (from > this.#completeFromMs) return false
    if (this.#completeFromMs === 0) return false
    const inRows = (query: string, ...bindings: (string | number)[]) =>
      this.sql.exec(query, ...bindings).toArray().length > 0
    const needle = `\n${id}`
    return (
      inRows(
        'SELECT 1 FROM taken WHERE upto_ms >= ? AND INSTR(ids, ?) > 0 LIMIT 1',
        from,
        needle
      ) || inRows('SELECT 1 FROM segments WHERE INSTR(ids, ?) > 0 LIMIT 1', needle)
    )
  }

  /** Stores ids whose segments go. Call it inside their transaction. One row, most of the time. */
  store(ids: string, nowMs: number): void {
    if (ids === '') return
    const { rowsWritten } = this.sql.exec(
      `UPDATE taken SET ids = ids || ?, upto_ms = ?
       WHERE n = (SELECT MAX(n) FROM taken) AND LENGTH(ids) < ?`,
      ids,
      nowMs,
      rowChars
    )
    if (rowsWritten > 0) return
    this.sql.exec('INSERT INTO taken (upto_ms, ids) VALUES (?, ?)', nowMs, ids)
    this.sql.exec('DELETE FROM taken WHERE upto_ms < ?', nowMs - keptMs)
  }
}
