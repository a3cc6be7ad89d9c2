import { createWriteStream } from 'node:fs'
import { mkdtemp, open, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { listedObjects } from './bucket-listing'
import { type Fetched, isDataFile, type Source, type SourceFile } from './files'
import { type Ask, type LakeEnvironment, openLake } from './lake'

const downloadsAtOnce = 8
const attempts = 4

const download = async (ask: Ask, { name, bytes }: SourceFile, path: string): Promise<void> => {
  for (let attempt = 1; ; attempt++) {
    const answer = await ask(name)
    try {
      if (!answer.body) throw new Error('it has no body')
      await pipeline(Readable.fromWeb(answer.body), createWriteStream(path))
      const isWhole = answer.headers.has('content-encoding') || (await stat(path)).size === bytes
      if (isWhole) return
      throw new Error('it was cut short')
    } catch (error) {
      if (attempt < attempts) continue
      const why = error instanceof Error ? error.message : String(error)
      throw new Error(`${name} could not be downloaded: ${why}`, { cause: error })
    }
  }
}

// DuckDB tells gzip by the file name, but fetch has already inflated `content-encoding: gzip`.
const namedByContent = async (path: string): Promise<string> => {
  const file = await open(path)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0)
  await file.close()
  const isGzip = bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b
  const name = `${path}.${isGzip ? 'txt.gz' : 'txt'}`
  await rename(path, name)
  return name
}

const downloadAll = async (ask: Ask, files: SourceFile[], folder: string): Promise<Fetched> => {
  const into = await mkdtemp(join(folder, 'objects-'))
  const paths: string[] = []
  const waiting = files.entries()
  const work = async (): Promise<void> => {
    for (const [index, file] of waiting) {
      const path = join(into, String(index))
      await download(ask, file, path)
      paths[index] = await namedByContent(path)
    }
  }
  await Promise.all(Array.from({ length: downloadsAtOnce }, work))
  return { paths, discard: () => rm(into, { recursive: true, force: true }) }
}

// `events` means the folder `events/`, not `events-old/…`.
const prefixOf = (path: string): string =>
  path === '' || path.endsWith('/') || isDataFile(path) ? path : `${path}/`

/** A folder of a bucket, or one object. Lists all its objects first. */
export const openBucket = async (url: string, env: LakeEnvironment): Promise<Source> => {
  const [, bucket = '', path = ''] = /^s3:\/\/([^/]+)\/?(.*)$/s.exec(url) ?? []
  if (bucket === '') throw new Error(`${url} names no bucket: s3://BUCKET/FOLDER.`)
  const lake = openLake(bucket, env)
  const prefix = prefixOf(path)
  const files: SourceFile[] = []
  for await (const listedObject of listedObjects(lake.list, prefix)) {
    if (isDataFile(listedObject.name.slice(prefix === listedObject.name ? 0 : prefix.length)))
      files.push(listedObject)
  }
  return { files, fetch: (some, folder) => downloadAll(lake.get, some, folder) }
}
