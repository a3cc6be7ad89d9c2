import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..')

/** Folders from top to bottom. A file imports its own folder and those below it. */
const folders = [
  'worker/commands',
  'worker/index.ts',
  'worker/console',
  'worker/admin',
  'worker/inputs',
  'worker/erasures',
  'worker/partitions',
  'worker/outbox',
  'worker/live',
  'worker/rates',
  'worker/authorizations',
  'worker/metrics',
  'worker/config',
  'worker/alerts',
  'worker/outputs',
  'worker/dialects',
  'worker/connections',
  'worker/profiles',
  'worker/audiences',
  // The vocabulary: worker/batch.ts, worker/settings.ts and the other files beside index.ts.
  'worker',
  'worker/base',
  // The library for integrations, which weir uses where it is one or calls one.
  'sdk/firehose',
  'sdk/browser',
]

/** The only folders that may import `cloudflare:workers`: those of Durable Objects. */
const objects = [
  'worker/authorizations',
  'worker/config',
  'worker/live',
  'worker/outbox',
  'worker/partitions',
  'worker/rates',
]

const folderOf = (file: string): string => {
  const parts = file.split('/')
  const [top = '', folder = ''] = parts
  if (file === 'worker/index.ts') return file
  return parts.length > 2 ? `${top}/${folder}` : top
}

const files = ['worker', 'sdk/browser', 'sdk/firehose'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('.d.ts'))
    .map((name) => join(folder, name))
)

const specifiersOf = (file: string): string[] =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(
    (match) => match[1]!
  )

const targetOf = (file: string, specifier: string): string => {
  const path = relative(root, resolve(root, dirname(file), specifier))
  const candidates = [path, `${path}.ts`, `${path}.tsx`, `${path}/index.ts`]
  return candidates.find((name) => files.includes(name) || existsSync(join(root, name))) ?? path
}

const imports = new Map(
  files.map((file) => [
    file,
    specifiersOf(file)
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => targetOf(file, specifier)),
  ])
)

/** The first circle of imports that is reached from a file, as the files along it. */
const circleFrom = (file: string, done: Set<string>, path: string[] = []): string[] | undefined => {
  const start = path.indexOf(file)
  if (start >= 0) return [...path.slice(start), file]
  if (done.has(file)) return undefined
  for (const target of imports.get(file) ?? []) {
    const circle = circleFrom(target, done, [...path, file])
    if (circle) return circle
  }
  done.add(file)
  return undefined
}

describe('imports', () => {
  it('finds every file in a folder of the list', () => {
    expect(files.filter((file) => !folders.includes(folderOf(file)))).toEqual([])
  })

  it('leads from a folder only to itself and to folders below it', () => {
    const level = (file: string): number => folders.indexOf(folderOf(file))
    const upward = [...imports].flatMap(([file, targets]) =>
      targets
        .filter((target) => level(target) < level(file))
        .map((target) => `${file} imports ${target}`)
    )
    expect(upward).toEqual([])
  })

  it('has no circle of files, types included', () => {
    const done = new Set<string>()
    expect(files.map((file) => circleFrom(file, done)).find(Boolean)).toBeUndefined()
  })

  it('keeps the worker free of the browser SDK', () => {
    const users = [...imports].flatMap(([file, targets]) =>
      file.startsWith('worker/') && targets.some((one) => one.startsWith('sdk/browser/'))
        ? file
        : []
    )
    expect(users).toEqual([])
  })

  it('uses the platform only in folders of Durable Objects', () => {
    const users = files.filter((file) => specifiersOf(file).includes('cloudflare:workers'))
    expect([...new Set(users.map(folderOf))].sort()).toEqual(objects)
  })
})
