/**
 * By which identities profiles are found whose mpids do not derive from them: mpids that clients
 * gave, and what a user is known by beside the best identity. Identities are in it as keyed hashes.
 *
 * A link costs one row when a profile learns the identity, one when the profile goes, and none in
 * between; mpids that derive from a user's only identity have no links.
 *
 * Stored: `links` (hash, mpid).
 */
export class Links {
  constructor(private readonly sql: SqlStorage) {}

  add(hashes: string[], mpid: string): void {
    for (const hash of hashes) {
      this.sql.exec('INSERT OR IGNORE INTO links VALUES (?, ?)', hash, mpid)
    }
  }

  remove(hashes: string[], mpid: string): void {
    for (const hash of hashes) {
      this.sql.exec('DELETE FROM links WHERE hash = ? AND mpid = ?', hash, mpid)
    }
  }

  /** The mpids behind some hashes, at most `limit` of each. */
  find(hashes: string[], limit: number): string[] {
    return hashes.flatMap((hash) =>
      this.sql
        .exec<{ mpid: string }>(
          'SELECT mpid FROM links WHERE hash = ? ORDER BY mpid LIMIT ?',
          hash,
          limit
        )
        .toArray()
        .map(({ mpid }) => mpid)
    )
  }
}
