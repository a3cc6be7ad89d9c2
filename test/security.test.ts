import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '..')
const text = readFileSync(resolve(root, 'SECURITY.md'), 'utf8')

it('names files that exist', () => {
  const named = [...text.matchAll(/`(worker\/[\w./-]+\.(?:ts|tsx|md))`/g)].map(([, file]) => file!)
  expect(named.length).toBeGreaterThan(20)
  expect(named.filter((file) => !existsSync(resolve(root, file)))).toEqual([])
})

it('goes through the whole list of risks', () => {
  const risks = [...text.matchAll(/^\| \*\*API(\d+)\*\* (.*) \|$/gm)]
  expect(risks.map(([, number]) => Number(number))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  for (const [, , cells] of risks) expect(cells?.split(' | ')).toHaveLength(4)
})
