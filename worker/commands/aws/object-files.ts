import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as v from 'valibot'
import { isBucketName } from './address'
import { writeWhole } from './journal'

// Below the 255 bytes a file name may have, and the 1,024 of a key.
const MAX_SEGMENT_BYTES = 200
const ODD_FOLDER = '.odd'
const PATH_CONFLICTS = new Set(['EEXIST', 'EISDIR', 'ENOTDIR'])

const noteSchema = v.object({
  key: v.string(),
  file: v.string(),
  headers: v.record(v.string(), v.string()),
})
type Note = v.InferOutput<typeof noteSchema>

export interface SavedObject {
  key: string
  headers: Record<string, string>
  body: Buffer
}

/**
 * Objects on disk: `s3/<bucket>/<key>` is the body as it was sent, and
 * `s3/.meta/<bucket>/<hash of the key>.json` the headers. Writing the latter commits the object.
 * A key that is not a safe path goes to `s3/<bucket>/.odd/<hash of the key>`.
 */
export interface ObjectFiles {
  load(): { bucket: string; objects: SavedObject[] }[]
  addBucket(bucket: string): void
  removeBucket(bucket: string): void
  write(bucket: string, object: SavedObject): void
  remove(bucket: string, key: string): void
}

/** @param dataDir undefined: nothing is stored on disk */
export function openObjectFiles(dataDir: string | undefined): ObjectFiles {
  if (dataDir === undefined) return forgetful
  const folder = join(dataDir, 's3')
  const temporaryFolder = join(folder, '.tmp')
  rmSync(temporaryFolder, { recursive: true, force: true })
  mkdirSync(temporaryFolder, { recursive: true })

  const notesFolder = (bucket: string) => join(folder, '.meta', bucket)
  const noteFile = (bucket: string, key: string) => join(notesFolder(bucket), `${hashOf(key)}.json`)
  const place = (file: string, content: Buffer | string) => {
    mkdirSync(dirname(file), { recursive: true })
    writeWhole(file, content, join(temporaryFolder, randomUUID()))
  }
  const placeBody = (bucket: string, file: string, { key, body }: SavedObject): string => {
    try {
      place(join(folder, bucket, file), body)
      return file
    } catch (error) {
      // `a` and `a/b` may both be keys, but not both files.
      if (!PATH_CONFLICTS.has(codeOf(error)) || file === oddFile(key)) throw error
      return placeBody(bucket, oddFile(key), { key, body, headers: {} })
    }
  }

  return {
    load: () =>
      readdirSync(folder)
        .filter(isBucketName)
        .map((bucket) => ({
          bucket,
          objects: loadObjects(join(folder, bucket), notesFolder(bucket)),
        })),
    addBucket: (bucket) => void mkdirSync(join(folder, bucket), { recursive: true }),
    removeBucket(bucket) {
      rmSync(notesFolder(bucket), { recursive: true, force: true })
      rmSync(join(folder, bucket), { recursive: true, force: true })
    },
    write(bucket, object) {
      const { key, headers } = object
      const known = readNote(noteFile(bucket, key))
      const file = placeBody(bucket, known?.file ?? fileOf(key), object)
      place(noteFile(bucket, key), `${JSON.stringify({ key, file, headers }, null, 2)}\n`)
    },
    remove(bucket, key) {
      const note = readNote(noteFile(bucket, key))
      rmSync(noteFile(bucket, key), { force: true })
      if (note !== undefined) rmSync(join(folder, bucket, note.file), { force: true })
    },
  }
}

function loadObjects(bodies: string, notes: string): SavedObject[] {
  if (!existsSync(notes)) return []
  return readdirSync(notes).flatMap((name) => {
    const note = readNote(join(notes, name))
    if (note === undefined || !isInside(note) || !existsSync(join(bodies, note.file))) return []
    return [{ key: note.key, headers: note.headers, body: readFileSync(join(bodies, note.file)) }]
  })
}

function readNote(file: string): Note | undefined {
  if (!existsSync(file)) return undefined
  const note = v.safeParse(noteSchema, JSON.parse(readFileSync(file, 'utf8')))
  return note.success ? note.output : undefined
}

function isInside({ key, file }: Note): boolean {
  return file === fileOf(key) || file === oddFile(key)
}

function fileOf(key: string): string {
  const segments = key.split('/')
  return segments[0] !== ODD_FOLDER && segments.every(isSoundSegment) ? key : oddFile(key)
}

function isSoundSegment(segment: string): boolean {
  if (segment === '' || segment === '.' || segment === '..') return false
  return Buffer.byteLength(segment) <= MAX_SEGMENT_BYTES && !/[\0\\]/.test(segment)
}

function oddFile(key: string): string {
  return `${ODD_FOLDER}/${hashOf(key)}`
}

function hashOf(key: string): string {
  return createHash('sha256').update(key).digest('hex')
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

const forgetful: ObjectFiles = {
  load: () => [],
  addBucket: () => {},
  removeBucket: () => {},
  write: () => {},
  remove: () => {},
}
