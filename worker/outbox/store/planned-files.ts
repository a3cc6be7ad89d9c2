/** A file whose key is chosen. Its segments stay the same. */
export interface PlannedFile {
  id: number
  key: string
  segments: number[]
}

/** Files are stored before they are first written, so that a retry overwrites them. */
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
