/** A file whose key is chosen: it holds these segments, whatever comes later. */
export interface PlannedFile {
  id: number
  key: string
  segments: number[]
}

/** The files that were begun: stored before their first PutObject, so that a retry overwrites. */
export class PlannedFiles {
  constructor(private readonly sql: SqlStorage) {}

  list(): PlannedFile[] {
    return this.sql
      .exec<{ id: number; key: string; segments: string }>('SELECT * FROM files ORDER BY id')
      .toArray()
      .map((row) => ({ ...row, segments: JSON.parse(row.segments) }))
  }

  plannedSegments(): Set<number> {
    return new Set(this.list().flatMap((file) => file.segments))
  }

  add(key: string, segments: number[]): PlannedFile {
    const { id } = this.sql
      .exec<{ id: number }>(
        'INSERT INTO files (key, segments) VALUES (?, ?) RETURNING id',
        key,
        JSON.stringify(segments)
      )
      .one()
    return { id, key, segments }
  }

  remove(id: number): void {
    this.sql.exec('DELETE FROM files WHERE id = ?', id)
  }
}
