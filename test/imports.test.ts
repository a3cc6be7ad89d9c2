import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..')

// Each file belongs to the first layer that matches; a file may import its own layer and those below.
const layers = [
  [/^worker\/local\//],
  [/^worker\/index\.ts$/],
  [
    /^worker\/(inputs\/(([\w-]+\/)?routes|[\w-]+-routes|accept|accept-bulk|accept-mobile|admission|basic-auth|receiving|rejections|firehose\/(intake|processor|sender))\.ts|admin\/|console\/|authorizations\/callback\.ts)/,
  ],
  [
    /^worker\/(profiles\/(profile|store|hand-on|due-windows|registration|links|rules)\.ts|rates\/(rate-limit|seen|tallying|[\w-]*allowance)\.ts|outbox\/|directory\/|erasures\/|live\/(live|sampling)\.ts|authorizations\/authorization\.ts|config\/snapshot\.ts|config\/workspace\.ts)/,
  ],
  [/^worker\/(config|outputs|authorizations|alerts|metrics)\//],
  [/^worker\/(inputs|profiles|connections|audiences|rates|live)\//],
  [/^worker\/[^/]+\.ts$/],
  // The library for people who write integrations, which weir uses where it is one or talks to one.
  [/^sdk\/firehose\//],
] as const

const objects = [
  'worker/authorizations/authorization.ts',
  'worker/config/workspace.ts',
  'worker/directory/directory.ts',
  'worker/live/live.ts',
  'worker/outbox/outbox.ts',
  'worker/profiles/profile.ts',
  'worker/rates/rate-limit.ts',
]

const sources = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('.d.ts'))
    .map((name) => join(folder, name))

const importsOf = (file: string): string[] =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(
    (match) => match[1]!
  )

const targetOf = (file: string, specifier: string): string =>
  relative(root, resolve(root, dirname(file), specifier))

const layerOf = (file: string): number => {
  const known = [file, `${file}.ts`, `${file}.tsx`, `${file}/index.ts`]
  return layers.findIndex((patterns) =>
    patterns.some((pattern) => known.some((name) => pattern.test(name)))
  )
}

it('imports only downwards in the worker', () => {
  const upward = sources('worker').flatMap((file) =>
    importsOf(file)
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => targetOf(file, specifier))
      .filter((target) => layerOf(target) < layerOf(file))
      .map((target) => `${file} imports ${target}`)
  )
  expect(upward).toEqual([])
})

it('keeps SDK and worker apart', () => {
  const crossing = [
    ...sources('worker').filter((file) =>
      importsOf(file).some((one) => /\/sdk\/(?!firehose\/)/.test(one))
    ),
    ...sources('sdk').filter((file) => importsOf(file).some((one) => /\/worker\//.test(one))),
  ]
  expect(crossing).toEqual([])
})

it('knows the platform only in the Durable Objects', () => {
  const users = sources('worker').filter((file) => importsOf(file).includes('cloudflare:workers'))
  expect(users.sort()).toEqual(objects)
})
