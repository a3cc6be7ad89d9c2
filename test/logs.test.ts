import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'

const worker = resolve(import.meta.dirname, '..', 'worker')

const sources = readdirSync(worker, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('.d.ts') && !name.startsWith('commands'))
  .map((name) => readFileSync(join(worker, name), 'utf8'))

const read = (name: string): string => readFileSync(join(worker, name), 'utf8')

it('logs what logs.md lists, at the levels that it says', () => {
  const calls = sources.flatMap((text) =>
    [...text.matchAll(/\blog\(\s*'(info|warn|error)',\s*'([^']+)'/g)].map(
      ([, level, message]) => `${level} ${message}`
    )
  )
  const listed = [...read('logs.md').matchAll(/^\| (info|warn|error) \| ([^|]+?) \|/gm)].map(
    ([, level, message]) => `${level} ${message}`
  )
  expect([...new Set(calls)].sort()).toEqual(listed.sort())
})

it('logs by fixed sentences only', () => {
  const all = sources.flatMap((text) => [...text.matchAll(/(?<!const )\blog\((.*)/g)])
  for (const [, rest] of all) expect(rest).toMatch(/^('(info|warn|error)', '[^']+'|$)/)
  const console = sources.filter((text) => /\bconsole(\.(log|info|warn|error|debug)|\[)/.test(text))
  expect(console).toHaveLength(1)
})

it('has the metrics that metrics.md lists', () => {
  const made = [...read('admin/metrics/list.ts').matchAll(/'(weir_\w+)'/g)].map(([, name]) => name)
  const [table = ''] = read('metrics/metrics.md').split('Worth an alert')
  const listed = [...table.matchAll(/`(weir_\w+)`/g)].map(([, name]) => name)
  expect([...new Set(made)].sort()).toEqual([...new Set(listed)].sort())
})
