import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import type { Rejected } from '../../../worker/config/workspace'

const workspace = env.WORKSPACE.getByName('workspace')

const rejectedBy = (input: string, count: number): Rejected[] =>
  Array.from({ length: count }, (_, i) => ({
    at_ms: i,
    input,
    problems: [{ code: 'invalid', path: '', message: `${i}` }],
    payload: '',
  }))

const kept = async (input: string) => {
  const { rejected } = await workspace.rejected(2000)
  return rejected.filter((one) => one.input === input).map((one) => Number(one.at_ms))
}

it('keeps the newest 500 of what inputs rejected, and 50 of what strangers sent beside them', async () => {
  await workspace.reject(rejectedBy('web', 510), 510)
  await workspace.reject(rejectedBy('', 700), 700)
  expect(await kept('web')).toHaveLength(500)
  expect(Math.min(...(await kept('web')))).toBe(10)
  expect(await kept('')).toHaveLength(50)
  expect(Math.max(...(await kept('')))).toBe(699)
  expect((await workspace.rejected(1)).count).toBe(1210)
})
